/* SPDX-License-Identifier: MIT */
/* Growing buffers, and the functions that variables are bound to. */
#include "tests/lib/check.h"
#include "base/base.h"
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void an_empty_buffer_reads_as_an_empty_string(void)
{
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(16);

    CHECK_STR(jt_buf_str(&buf), "");
    CHECK_INT(buf.len, 0);
    jt_buf_add(&buf, NULL, 0);
    CHECK_STR(jt_buf_str(&buf), "");
    CHECK_TRUE(!buf.failed);
}

static void what_is_added_in_pieces_comes_out_as_one(void)
{
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(JT_SETTING_MAX);
    char expected[3000] = "";
    size_t len = 0;

    for (int i = 0; i < 500; i++) {
        jt_buf_printf(&buf, "%d,", i);
        len += (size_t)snprintf(expected + len, sizeof(expected) - len, "%d,", i);
    }
    CHECK_MEM(buf.data, buf.len, expected, len);
    CHECK_INT(buf.data[buf.len], '\0');
    CHECK_TRUE(buf.size > buf.len);
}

static void bytes_that_are_no_text_are_kept(void)
{
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(16);

    jt_buf_add(&buf, "a\0b", 3);
    jt_buf_puts(&buf, "c");
    CHECK_MEM(buf.data, buf.len, "a\0bc", 4);
}

static void the_cap_can_be_reached_but_not_passed(void)
{
    JT_AUTO_BUF struct jt_buf full = JT_BUF_INIT(4), over = JT_BUF_INIT(4), text = JT_BUF_INIT(4);

    jt_buf_puts(&full, "1234");
    CHECK_TRUE(!full.failed);
    CHECK_STR(jt_buf_str(&full), "1234");
    jt_buf_puts(&over, "123");
    jt_buf_puts(&over, "45");
    CHECK_TRUE(over.failed);
    CHECK_STR(jt_buf_str(&over), "123");
    jt_buf_printf(&text, "%d", 12345);
    CHECK_TRUE(text.failed);
    CHECK_INT(text.len, 0);
}

static void a_length_near_the_end_of_the_address_space_is_refused(void)
{
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(8);

    jt_buf_puts(&buf, "abc");
    jt_buf_add(&buf, "x", SIZE_MAX);
    CHECK_TRUE(buf.failed);
    CHECK_STR(jt_buf_str(&buf), "abc");
}

static void after_a_failure_nothing_more_is_added(void)
{
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(4);

    jt_buf_puts(&buf, "too long");
    jt_buf_puts(&buf, "ok");
    jt_buf_printf(&buf, "%s", "ok");
    CHECK_TRUE(buf.failed);
    CHECK_INT(buf.len, 0);
    CHECK_TRUE(jt_buf_take(&buf) == NULL);
}

static void a_reset_empties_and_wipes_and_forgives(void)
{
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(8);
    const char *memory;

    jt_buf_puts(&buf, "secret");
    memory = buf.data;
    jt_buf_reset(&buf);
    CHECK_MEM(memory, 6, "\0\0\0\0\0\0", 6);
    CHECK_STR(jt_buf_str(&buf), "");
    jt_buf_puts(&buf, "far too long");
    CHECK_TRUE(buf.failed);
    jt_buf_reset(&buf);
    jt_buf_puts(&buf, "new");
    CHECK_STR(jt_buf_str(&buf), "new");
    CHECK_TRUE(buf.data == memory);
}

static void a_taken_string_is_the_callers_and_the_buffer_starts_again(void)
{
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(8);
    JT_AUTO_STR char *first = NULL, *empty = NULL;

    jt_buf_puts(&buf, "12345678");
    first = jt_buf_take(&buf);
    CHECK_STR(first, "12345678");
    CHECK_INT(buf.len, 0);
    CHECK_INT(buf.cap, 8);
    empty = jt_buf_take(&buf);
    CHECK_STR(empty, "");
}

static void a_formatted_string_has_its_own_memory(void)
{
    JT_AUTO_STR char *text = jt_printf("%s/%d", "a", 7), *empty = jt_printf("%s", "");

    CHECK_STR(text, "a/7");
    CHECK_STR(empty, "");
}

static void a_formatted_string_has_a_cap_too(void)
{
    char *text = jt_printf("%*s", (int)JT_RESPONSE_MAX + 1, "");

    CHECK_TRUE(text == NULL);
    free(text);
}

static void copying_no_string_gives_no_string(void)
{
    JT_AUTO_STR char *copy = jt_strdup("abc"), *nothing = jt_strdup(NULL);

    CHECK_STR(copy, "abc");
    CHECK_TRUE(nothing == NULL);
}

static void wiping_leaves_zeros_and_stops_where_it_should(void)
{
    char memory[] = "abcdef";

    jt_wipe(memory, 3);
    CHECK_MEM(memory, sizeof(memory), "\0\0\0def", 7);
    jt_wipe(memory, 0);
    jt_wipe(NULL, 3);
    CHECK_STR(memory + 3, "def");
}

static void cleanup_functions_take_nothing_and_leave_nothing(void)
{
    char *string = jt_strdup("secret"), *other = jt_strdup("text"), *nothing = NULL;

    jt_str_wipe(&string);
    jt_str_free(&other);
    jt_str_wipe(&nothing);
    jt_str_free(&nothing);
    CHECK_TRUE(string == NULL && other == NULL && nothing == NULL);
}

static void a_descriptor_is_closed_once(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), was = fd;

    CHECK_TRUE(fd >= 0);
    jt_fd_close(&fd);
    CHECK_INT(fd, -1);
    CHECK_INT(fcntl(was, F_GETFD), -1);
    jt_fd_close(&fd);
    CHECK_INT(fd, -1);
}

static void taking_a_pointer_leaves_null(void)
{
    char text[] = "x", *pointer = text;
    char *taken = jt_take(&pointer);

    CHECK_TRUE(taken == text);
    CHECK_TRUE(pointer == NULL);
}

static void clocks_go_forward_and_count_in_their_units(void)
{
    int64_t now = jt_now(), boot_ms = jt_boot_ms();

    CHECK_TRUE(now > INT64_C(1700000000) && now < INT64_C(253402300799));
    (void)usleep(20000);
    CHECK_TRUE(jt_boot_ms() - boot_ms >= 19);
    CHECK_TRUE(jt_boot_ms() - boot_ms < 10000);
    CHECK_TRUE(jt_now() >= now && jt_now() - now < 10);
}

/* Memory that is given back is looked into, before the allocator writes to it. A sanitizer has an allocator of its own.
 */
#if defined(__has_feature)
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static const char *volatile watched; /* NULL: nobody is looking */
static volatile unsigned freed_with_it;

#if !SANITIZED
extern void __libc_free(void *memory);

__attribute__((visibility("default"))) void free(void *memory)
{
    if (watched != NULL && memory != NULL &&
        memmem(memory, malloc_usable_size(memory), watched, strlen(watched)) != NULL)
        freed_with_it++;
    __libc_free(memory);
}
#endif

/* How often memory was given back with the secret in it, since the last call. */
static unsigned watch_free(const char *secret)
{
    const unsigned count = freed_with_it;

    watched = secret;
    freed_with_it = 0;
    return count;
}

static void no_memory_is_given_back_with_a_secret_in_it(void)
{
    static const char secret[] = "kept from everybody";
    struct jt_buf buf = JT_BUF_INIT(100000);
    void (*volatile give_back)(void *) = free; /* a compiler leaves out what is allocated and freed unread */
    char *text;

    if (SANITIZED) {
        check_skip("the sanitizer has an allocator of its own");
        return;
    }
    (void)watch_free(secret);
    text = strdup(secret);
    give_back(text);
    CHECK_INT(watch_free(secret), 1); /* it would be seen */

    jt_buf_puts(&buf, secret);
    for (unsigned i = 0; i < 1000; i++) /* grows several times */
        jt_buf_printf(&buf, "%s", "0123456789");
    CHECK_INT(watch_free(secret), 0);
    jt_buf_puts(&buf, secret);
    jt_buf_reset(&buf);
    jt_buf_puts(&buf, "x");
    jt_buf_done(&buf);
    CHECK_INT(watch_free(secret), 0);
    jt_buf_puts(&buf, secret);
    jt_buf_done(&buf);
    CHECK_INT(watch_free(secret), 0);
    jt_buf_puts(&buf, secret);
    text = jt_buf_take(&buf);
    jt_str_wipe(&text);
    CHECK_INT(watch_free(NULL), 0);
}

static const struct check_case cases[] = {
    {"an empty buffer reads as an empty string", an_empty_buffer_reads_as_an_empty_string},
    {"what is added in pieces comes out as one", what_is_added_in_pieces_comes_out_as_one},
    {"bytes that are no text are kept", bytes_that_are_no_text_are_kept},
    {"the cap can be reached but not passed", the_cap_can_be_reached_but_not_passed},
    {"a length near the end of the address space is refused", a_length_near_the_end_of_the_address_space_is_refused},
    {"after a failure nothing more is added", after_a_failure_nothing_more_is_added},
    {"a reset empties and wipes and forgives", a_reset_empties_and_wipes_and_forgives},
    {"a taken string is the caller's and the buffer starts again",
     a_taken_string_is_the_callers_and_the_buffer_starts_again},
    {"a formatted string has its own memory", a_formatted_string_has_its_own_memory},
    {"a formatted string has a cap too", a_formatted_string_has_a_cap_too},
    {"copying no string gives no string", copying_no_string_gives_no_string},
    {"wiping leaves zeros and stops where it should", wiping_leaves_zeros_and_stops_where_it_should},
    {"cleanup functions take nothing and leave nothing", cleanup_functions_take_nothing_and_leave_nothing},
    {"a descriptor is closed once", a_descriptor_is_closed_once},
    {"taking a pointer leaves null", taking_a_pointer_leaves_null},
    {"clocks go forward and count in their units", clocks_go_forward_and_count_in_their_units},
    {"no memory is given back with a secret in it", no_memory_is_given_back_with_a_secret_in_it},
};

CHECK_MAIN("buf", cases)

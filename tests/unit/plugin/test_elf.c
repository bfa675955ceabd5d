/* SPDX-License-Identifier: MIT */
/* Exported symbols are read from bytes: those that are there are found, and damage to the file does no harm. */
#include "tests/lib/files.h"
#include "plugin/elf.h"
#include <elf.h>
#include <link.h>

static int look(const void *data, size_t len, bool *ret_found, char **ret_other, jeton_error **ret_error)
{
    const char *path = files_path("object");
    int fd, status;

    files_write(path, 0600, data, len);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    status = jt_elf_exports(fd, "jeton_provider_v1", "jeton_provider_v", ret_found, ret_other, ret_error);
    (void)close(fd);
    return status;
}

static void expect_found(const void *data, size_t len, bool expected_found, const char *expected_other)
{
    char *other = NULL;
    bool found = !expected_found;
    jeton_error *error = NULL;

    CHECK_OK(look(data, len, &found, &other, &error), &error);
    CHECK_INT(found, expected_found);
    CHECK_STR(other, expected_other);
    free(other);
}

static void expect(const char *fixture, bool expected_found, const char *expected_other)
{
    size_t len;
    char *data = files_read(files_fixture(fixture), &len);

    expect_found(data, len, expected_found, expected_other);
    free(data);
}

static void test_finds(void)
{
    expect("minimal", true, NULL);
    expect("no_symbol", false, NULL);
    expect("wrong_major", false, "jeton_provider_v2");
}

/* Where the entry symbol's row of the dynamic symbol table is in the file, by the section headers, which the reader
 * under test does not use. */
static size_t symbol_at(const char *data)
{
    ElfW(Ehdr) header;
    ElfW(Shdr) section, strings;
    ElfW(Sym) symbol;

    memcpy(&header, data, sizeof(header));
    for (unsigned i = 0; i < header.e_shnum; i++) {
        memcpy(&section, data + header.e_shoff + i * sizeof(section), sizeof(section));
        if (section.sh_type != SHT_DYNSYM)
            continue;
        memcpy(&strings, data + header.e_shoff + section.sh_link * sizeof(strings), sizeof(strings));
        for (size_t at = 0; at < section.sh_size; at += sizeof(symbol)) {
            memcpy(&symbol, data + section.sh_offset + at, sizeof(symbol));
            if (strcmp(data + strings.sh_offset + symbol.st_name, "jeton_provider_v1") == 0)
                return section.sh_offset + at;
        }
    }
    abort();
}

static void test_not_exported(void)
{
    size_t len;
    char *data = files_read(files_fixture("minimal"), &len);
    size_t at = symbol_at(data);
    ElfW(Sym) good, changed[4];

    memcpy(&good, data + at, sizeof(good));
    for (size_t i = 0; i < JT_LEN(changed); i++)
        changed[i] = good;
    changed[0].st_shndx = SHN_UNDEF;
    changed[1].st_other = STV_HIDDEN;
    changed[2].st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC);
    changed[3].st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);
    for (size_t i = 0; i < JT_LEN(changed); i++) {
        char *other = NULL;
        bool found = true;
        jeton_error *error = NULL;

        memcpy(data + at, &changed[i], sizeof(good));
        CHECK_OK(look(data, len, &found, &other, &error), &error);
        CHECK_TRUE(!found);
        free(other);
    }
    free(data);
}

static void expect_refused(const void *data, size_t len, const char *part)
{
    char *other = NULL;
    bool found = false;
    jeton_error *error = NULL;

    CHECK_FAILS(look(data, len, &found, &other, &error), JETON_CONFIG, part, &error);
    CHECK_TRUE(other == NULL);
}

static void test_not_elf(void)
{
    expect_refused("", 0, "0 bytes");
    expect_refused("\177EL", 3, "is not a shared object");
    expect_refused("#!/bin/sh\n", 10, "is not a shared object");
    expect_refused("\177ELF", 4, "cut short");
}

static void test_other_machines(void)
{
    size_t len;
    char *data = files_read(files_fixture("minimal"), &len);
    ElfW(Ehdr) header, changed;

    memcpy(&header, data, sizeof(header));
    changed = header;
    changed.e_machine = header.e_machine == EM_S390 ? EM_PPC64 : EM_S390;
    memcpy(data, &changed, sizeof(changed));
    expect_refused(data, len, "another kind of machine");
    changed = header;
    changed.e_ident[EI_CLASS] = header.e_ident[EI_CLASS] == ELFCLASS64 ? ELFCLASS32 : ELFCLASS64;
    memcpy(data, &changed, sizeof(changed));
    expect_refused(data, len, "another kind of machine");
    changed = header;
    changed.e_type = ET_REL;
    memcpy(data, &changed, sizeof(changed));
    expect_refused(data, len, "not a shared object");
    free(data);
}

/* No length may crash or be read as having an entry symbol that was cut off. */
static void test_cut_short(void)
{
    size_t len, accepted = 0;
    char *data = files_read(files_fixture("minimal"), &len);

    for (size_t cut = 0; cut < len; cut += cut < 1200 ? 1 : 97) {
        char *other = NULL;
        bool found = false;
        jeton_error *error = NULL;

        if (look(data, cut, &found, &other, &error) == JETON_OK)
            accepted++;
        jeton_error_free(&error);
        free(other);
    }
    /* The section headers at the end are not needed, so some cuts do no harm; the first ten thousandths always do. */
    CHECK_TRUE(accepted < len / 97);
    expect_refused(data, 200, "cut short or damaged");
    free(data);
}

/* The loader maps whole segments, and a page behind the end of the file is a SIGBUS when it is touched. All that is
 * read here lies in front of that. */
static void test_cut_behind_the_tables(void)
{
    size_t len, segments_end = 0, cuts[3];
    char *data = files_read(files_fixture("minimal"), &len);
    ElfW(Ehdr) header;
    ElfW(Phdr) segment;
    size_t tables_end = symbol_at(data);

    memcpy(&header, data, sizeof(header));
    for (unsigned i = 0; i < header.e_phnum; i++) {
        memcpy(&segment, data + header.e_phoff + i * sizeof(segment), sizeof(segment));
        if (segment.p_type == PT_LOAD && segment.p_offset + segment.p_filesz > segments_end)
            segments_end = segment.p_offset + segment.p_filesz;
        if (segment.p_type == PT_DYNAMIC && segment.p_offset + segment.p_filesz > tables_end)
            tables_end = segment.p_offset + segment.p_filesz;
    }
    CHECK_TRUE(tables_end < segments_end && segments_end < len);
    cuts[0] = tables_end;
    cuts[1] = tables_end + (segments_end - tables_end) / 2;
    cuts[2] = segments_end - 1;
    for (size_t i = 0; i < JT_LEN(cuts); i++)
        expect_refused(data, cuts[i], "it ends before its segments do");
    expect_found(data, segments_end, true, NULL); /* what is behind is not needed */
    free(data);
}

/* Every byte of the headers and tables that the reader follows, turned into others: it may refuse or find, never crash.
 */
static void test_damaged(void)
{
    static const unsigned char values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    size_t len, refused = 0;
    unsigned char *data = (unsigned char *)files_read(files_fixture("minimal"), &len);
    unsigned seed = 1;

    for (unsigned i = 0; i < 6000; i++) {
        size_t at = i < 3000 ? i / 5 : (seed = seed * 1103515245u + 12345u, seed >> 4) % len;
        unsigned char before = data[at];
        char *other = NULL;
        bool found = false;
        jeton_error *error = NULL;

        data[at] = values[i % JT_LEN(values)];
        if (look(data, len, &found, &other, &error) != JETON_OK)
            refused++;
        data[at] = before;
        jeton_error_free(&error);
        free(other);
    }
    CHECK_TRUE(refused > 50);
    free(data);
}

/* A table of names without an end would be searched for one from every symbol's name on. */
static void test_names_without_an_end(void)
{
    size_t len, end = 0;
    char *data = files_read(files_fixture("minimal"), &len);
    ElfW(Ehdr) header;
    ElfW(Shdr) section;

    memcpy(&header, data, sizeof(header));
    for (unsigned i = 0; i < header.e_shnum; i++) {
        memcpy(&section, data + header.e_shoff + i * sizeof(section), sizeof(section));
        if (section.sh_type == SHT_STRTAB && (section.sh_flags & SHF_ALLOC) != 0)
            end = section.sh_offset + section.sh_size;
    }
    CHECK_TRUE(end > 0 && data[end - 1] == '\0');
    data[end - 1] = 'x';
    expect_refused(data, len, "names of symbols without an end");
    free(data);
}

static const struct check_case cases[] = {
    {"exported functions are found, and those of another major version by their prefix", test_finds},
    {"a symbol that is imported, hidden, local or no function is not exported", test_not_exported},
    {"a file that is no ELF file is refused", test_not_elf},
    {"an object for another machine, word size or purpose is refused", test_other_machines},
    {"a file that is cut short anywhere does no harm", test_cut_short},
    {"a file that is cut short behind its tables is refused", test_cut_behind_the_tables},
    {"a table of names that does not end is refused", test_names_without_an_end},
    {"a file with any byte changed does no harm", test_damaged},
};

CHECK_MAIN("elf", cases)

/* SPDX-License-Identifier: MIT */
/* Reads from a shared object's file which functions it exports. The object is not loaded for this, since loading would
 * run its constructors. The bytes may be hostile. */
#include "plugin/elf.h"
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ELF_SIZE_MAX  (64 * 1024 * 1024)
#define ELF_BEGINNING 4096u /* has the header and the program headers of every ordinary object */

/* The ELF class of this machine, 32 or 64 bits. */
typedef ElfW(Addr) elf_address;
typedef ElfW(Ehdr) elf_header;
typedef ElfW(Phdr) elf_program;
typedef ElfW(Dyn) elf_entry;
typedef ElfW(Sym) elf_symbol;

/* The header of the object that this code is in. A plugin must have the same class, byte order and machine. */
extern const elf_header __ehdr_start __attribute__((visibility("hidden")));

struct elf_file {
    unsigned char *data;
    size_t len;
};

/* The tables that the dynamic section names, as offsets in the file. */
struct elf_tables {
    size_t symbols_at;
    size_t symbols_len; /* how many */
    size_t strings_at;
    size_t strings_size;
};

static void elf_done(struct elf_file *file)
{
    free(file->data);
}

static int elf_damaged(const char *what, jeton_error **ret_error)
{
    return jt_error_set(ret_error, JETON_CONFIG, "the file is cut short or damaged (%s); install it again", what);
}

/* Copies size bytes from an offset, which may be any number; false: the file does not have all of them. */
static bool elf_get(const struct elf_file *file, size_t at, void *out, size_t size)
{
    if (at > file->len || size > file->len - at)
        return false;
    memcpy(out, file->data + at, size);
    return true;
}

static bool elf_segment(const struct elf_file *file, const elf_header *header, unsigned index, elf_program *segment)
{
    size_t step = index * sizeof(*segment);

    return header->e_phoff <= file->len && elf_get(file, (size_t)header->e_phoff + step, segment, sizeof(*segment));
}

/* Reads the file up to that length, or to its end. */
static int elf_read_to(int fd, size_t len, struct elf_file *file, jeton_error **ret_error)
{
    unsigned char *data = realloc(file->data, len);

    if (data == NULL)
        return jt_error_no_memory(ret_error);
    file->data = data;
    while (file->len < len) {
        ssize_t got = pread(fd, file->data + file->len, len - file->len, (off_t)file->len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return jt_error_errno(ret_error, errno, "the file cannot be read");
        if (got == 0)
            break;
        file->len += (size_t)got;
    }
    return JETON_OK;
}

/* Up to where the file is loaded: what lies behind that, such as symbols for a debugger, is not looked at. size, where
 * the beginning does not say it. */
static size_t elf_loaded_len(const struct elf_file *beginning, size_t size)
{
    elf_header header;
    elf_program segment;
    size_t len = beginning->len;

    if (!elf_get(beginning, 0, &header, sizeof(header)) || header.e_phentsize != sizeof(segment))
        return size;
    for (unsigned i = 0; i < header.e_phnum; i++) {
        if (!elf_segment(beginning, &header, i, &segment) || segment.p_offset > size ||
            segment.p_filesz > size - segment.p_offset)
            return size;
        if (segment.p_offset + segment.p_filesz > len)
            len = (size_t)(segment.p_offset + segment.p_filesz);
    }
    return len;
}

static int elf_read(int fd, struct elf_file *file, jeton_error **ret_error)
{
    struct stat st;
    size_t size;
    int status;

    if (fstat(fd, &st) != 0)
        return jt_error_errno(ret_error, errno, "the file cannot be examined");
    if (st.st_size <= 0 || st.st_size > ELF_SIZE_MAX)
        return jt_error_set(ret_error, JETON_CONFIG, "the file has %lld bytes; a shared object has 1 to %d",
                            (long long)st.st_size, ELF_SIZE_MAX);
    size = (size_t)st.st_size;
    status = elf_read_to(fd, size < ELF_BEGINNING ? size : ELF_BEGINNING, file, ret_error);
    return status == JETON_OK ? elf_read_to(fd, elf_loaded_len(file, size), file, ret_error) : status;
}

static int elf_read_header(const struct elf_file *file, elf_header *header, jeton_error **ret_error)
{
    const unsigned char *own = __ehdr_start.e_ident;

    if (file->len < SELFMAG || memcmp(file->data, ELFMAG, SELFMAG) != 0)
        return jt_error_set(ret_error, JETON_CONFIG, "the file is not a shared object (ELF)");
    if (!elf_get(file, 0, header, sizeof(*header)))
        return elf_damaged("no header", ret_error);
    if (header->e_ident[EI_CLASS] != own[EI_CLASS] || header->e_ident[EI_DATA] != own[EI_DATA] ||
        header->e_machine != __ehdr_start.e_machine)
        return jt_error_set(
            ret_error, JETON_CONFIG,
            "the file is built for another kind of machine (ELF class %u, machine %u; this jeton has class "
            "%u, machine %u)",
            header->e_ident[EI_CLASS], header->e_machine, own[EI_CLASS], __ehdr_start.e_machine);
    if (header->e_type != ET_DYN)
        return jt_error_set(ret_error, JETON_CONFIG,
                            "the file is an ELF file, but not a shared object: link it with -shared");
    if (header->e_phentsize != sizeof(elf_program))
        return elf_damaged("program headers of a wrong size", ret_error);
    return JETON_OK;
}

/* Whether the file has every byte that its header says to map. The loader does not check this, and a page beyond the
 * end of the file kills the process that touches it. */
static bool elf_is_whole(const struct elf_file *file, const elf_header *header)
{
    elf_program segment;

    for (unsigned i = 0; i < header->e_phnum; i++)
        if (!elf_segment(file, header, i, &segment) ||
            (segment.p_type == PT_LOAD &&
             (segment.p_offset > file->len || segment.p_filesz > file->len - segment.p_offset)))
            return false;
    return true;
}

/* The offset in the file for an address of the loaded object; false: nothing in the file is mapped there. */
static bool elf_locate(const struct elf_file *file, const elf_header *header, elf_address address, size_t *ret_at)
{
    elf_program segment;

    for (unsigned i = 0; i < header->e_phnum; i++)
        if (elf_segment(file, header, i, &segment) && segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
            address - segment.p_vaddr < segment.p_filesz && segment.p_offset < file->len &&
            address - segment.p_vaddr < file->len - segment.p_offset) {
            *ret_at = (size_t)(segment.p_offset + (address - segment.p_vaddr));
            return true;
        }
    return false;
}

/* The GNU hash table does not contain the number of symbols. The chain of the highest bucket ends with the last
 * symbol. */
static bool elf_count_gnu(const struct elf_file *file, size_t at, size_t *ret_count)
{
    uint32_t head[4]; /* buckets, first symbol, words of the bloom filter, its shift */
    size_t buckets_at, chains_at;
    uint32_t last = 0, hash = 0;

    if (!elf_get(file, at, head, sizeof(head)) || head[0] > file->len || head[2] > file->len)
        return false;
    buckets_at = at + sizeof(head) + head[2] * sizeof(elf_address);
    chains_at = buckets_at + head[0] * sizeof(uint32_t);
    for (uint32_t i = 0; i < head[0]; i++) {
        uint32_t first;

        if (!elf_get(file, buckets_at + i * sizeof(first), &first, sizeof(first)))
            return false;
        if (first > last)
            last = first;
    }
    if (last < head[1]) {
        *ret_count = 0;
        return true;
    }
    do {
        if (!elf_get(file, chains_at + (size_t)(last - head[1]) * sizeof(hash), &hash, sizeof(hash)))
            return false;
        last++;
    } while ((hash & 1u) == 0 && last != 0);
    *ret_count = last;
    return true;
}

static bool elf_count_sysv(const struct elf_file *file, size_t at, size_t *ret_count)
{
    uint32_t head[2]; /* buckets, chains: as many as there are symbols */

    if (!elf_get(file, at, head, sizeof(head)))
        return false;
    *ret_count = head[1];
    return true;
}

static int elf_read_dynamic(const struct elf_file *file, const elf_header *header, struct elf_tables *tables,
                            jeton_error **ret_error)
{
    elf_program segment = {.p_type = PT_NULL};
    elf_address symbols = 0, strings = 0, gnu = 0, sysv = 0;
    elf_entry entry;
    size_t hash_at;

    for (unsigned i = 0; i < header->e_phnum && segment.p_type != PT_DYNAMIC; i++)
        if (!elf_segment(file, header, i, &segment))
            return elf_damaged("program headers missing", ret_error);
    if (segment.p_type != PT_DYNAMIC || segment.p_offset > file->len)
        return elf_damaged("no dynamic section", ret_error);
    for (size_t at = 0; at + sizeof(entry) <= segment.p_filesz; at += sizeof(entry)) {
        if (!elf_get(file, (size_t)segment.p_offset + at, &entry, sizeof(entry)))
            return elf_damaged("dynamic section missing", ret_error);
        if (entry.d_tag == DT_NULL)
            break;
        if (entry.d_tag == DT_SYMTAB)
            symbols = entry.d_un.d_ptr;
        else if (entry.d_tag == DT_STRTAB)
            strings = entry.d_un.d_ptr;
        else if (entry.d_tag == DT_STRSZ)
            tables->strings_size = (size_t)entry.d_un.d_val;
        else if (entry.d_tag == DT_GNU_HASH)
            gnu = entry.d_un.d_ptr;
        else if (entry.d_tag == DT_HASH)
            sysv = entry.d_un.d_ptr;
    }
    if (!elf_locate(file, header, symbols, &tables->symbols_at) ||
        !elf_locate(file, header, strings, &tables->strings_at))
        return elf_damaged("no table of symbols", ret_error);
    if (tables->strings_size > file->len - tables->strings_at)
        return elf_damaged("names of symbols missing", ret_error);
    /* With a NUL at the end of the table every name in it has an end. */
    if (tables->strings_size == 0 || file->data[tables->strings_at + tables->strings_size - 1] != '\0')
        return elf_damaged("names of symbols without an end", ret_error);
    if (!(gnu != 0 && elf_locate(file, header, gnu, &hash_at) && elf_count_gnu(file, hash_at, &tables->symbols_len)) &&
        !(sysv != 0 && elf_locate(file, header, sysv, &hash_at) && elf_count_sysv(file, hash_at, &tables->symbols_len)))
        return elf_damaged("no hash table of symbols", ret_error);
    if (tables->symbols_len > (file->len - tables->symbols_at) / sizeof(elf_symbol))
        return elf_damaged("symbols missing", ret_error);
    return JETON_OK;
}

/* The name of the symbol if it is a function that others can call, else NULL. It lies in the file's bytes. */
static const char *elf_exported_name(const struct elf_file *file, const struct elf_tables *tables, size_t index)
{
    elf_symbol symbol;
    unsigned type, bind, visibility;

    if (!elf_get(file, tables->symbols_at + index * sizeof(symbol), &symbol, sizeof(symbol)))
        return NULL;
    type = ELF64_ST_TYPE(symbol.st_info);
    bind = ELF64_ST_BIND(symbol.st_info);
    visibility = ELF64_ST_VISIBILITY(symbol.st_other);
    if (symbol.st_shndx == SHN_UNDEF || symbol.st_name >= tables->strings_size ||
        (type != STT_FUNC && type != STT_GNU_IFUNC) || (bind != STB_GLOBAL && bind != STB_WEAK) ||
        (visibility != STV_DEFAULT && visibility != STV_PROTECTED))
        return NULL;
    return (const char *)file->data + tables->strings_at + symbol.st_name;
}

int jt_elf_exports(int fd, const char *symbol, const char *prefix, bool *ret_found, char **ret_other,
                   jeton_error **ret_error)
{
    JT_CLEANUP(elf_done) struct elf_file file = {NULL, 0};
    JT_AUTO_STR char *other = NULL;
    struct elf_tables tables = {0};
    elf_header header;
    bool found = false;
    int status = elf_read(fd, &file, ret_error);

    if (status == JETON_OK)
        status = elf_read_header(&file, &header, ret_error);
    if (status == JETON_OK && !elf_is_whole(&file, &header))
        status = elf_damaged("it ends before its segments do", ret_error);
    if (status == JETON_OK)
        status = elf_read_dynamic(&file, &header, &tables, ret_error);
    if (status != JETON_OK)
        return status;
    for (size_t i = 0; i < tables.symbols_len; i++) {
        const char *name = elf_exported_name(&file, &tables, i);

        if (name == NULL)
            continue;
        if (strcmp(name, symbol) == 0)
            found = true;
        else if (other == NULL && strncmp(name, prefix, strlen(prefix)) == 0) {
            other = jt_strdup(name);
            if (other == NULL)
                return jt_error_no_memory(ret_error);
        }
    }
    *ret_found = found;
    *ret_other = jt_take(&other);
    return JETON_OK;
}

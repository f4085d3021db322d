/* Single files, by the agent's rights. */
#include "warden.h"

enum { PROC = 0x9fa0 };

/* Opens a regular file, never waiting for a FIFO's other end; /proc is refused, because /proc/self would be the warden. */
static int open_regular(const char *path, struct stat *st)
{
    struct statfs fs;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    errno = fstat(fd, st) || fstatfs(fd, &fs) ? errno : S_ISDIR(st->st_mode) ? EISDIR
          : S_ISREG(st->st_mode) && fs.f_type != PROC ? 0 : EACCES;
    if (!errno)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* text path; u64 offset; u32 limit. Answer: u64 size, u32 mode, content. */
void get_file(uint32_t id, struct cursor *c)
{
    char *path = take_text(c);
    uint64_t offset = take64(c);
    uint32_t limit = take32(c);
    struct stat st;
    if (c->bad || limit > MAX_FRAME - CHUNK)
        errno = EBADMSG;
    act_as_agent(1);
    int fd = c->bad || limit > MAX_FRAME - CHUNK ? -1 : open_regular(path, &st);
    int error = errno;
    act_as_agent(0);
    free(path);
    if (fd < 0) {
        fail(id, error);
        return;
    }
    unsigned char chunk[CHUNK];
    begin('G', id);
    put64((uint64_t)st.st_size);
    put32(st.st_mode);
    for (ssize_t n = 1; limit > 0 && n > 0; limit -= (uint32_t)n, offset += (uint64_t)n) {
        n = pread(fd, chunk, limit < CHUNK ? limit : CHUNK, (off_t)offset);
        put(chunk, n > 0 ? (size_t)n : 0);
        n = n < 0 ? 0 : n;
    }
    close(fd);
    send_frame();
}

static int make_parents(char *path)
{
    for (char *p = path + 1; (p = strchr(p, '/')); p++) {
        *p = 0;
        int failed = mkdir(path, 0755) && errno != EEXIST;
        *p = '/';
        if (failed && errno != EACCES && errno != EROFS)
            return -1;
    }
    return 0;
}

static int write_all(int fd, const unsigned char *p, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, p, size);
        if (n < 0 && errno != EINTR)
            return -1;
        p += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* A new file takes the old one's place whole or not at all; through a link its target is replaced. */
static int replace(char *path, uint32_t mode, const unsigned char *data, size_t size)
{
    char real[PATH_MAX], temporary[PATH_MAX + 32];
    struct stat old = {.st_mode = S_IFREG | 0644};
    if (make_parents(path))
        return -1;
    if (realpath(path, real))
        path = real;
    if (!stat(path, &old) && !S_ISREG(old.st_mode))
        return errno = S_ISDIR(old.st_mode) ? EISDIR : EINVAL, -1;
    char *name = strrchr(path, '/') + 1;
    snprintf(temporary, sizeof temporary, "%.*s.longhaul-%llx", (int)(name - path), path, (unsigned long long)now_us());
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    int failed = write_all(fd, data, size) || fchmod(fd, (mode ? mode : old.st_mode) & 07777) || rename(temporary, path);
    int error = errno;
    close(fd);
    if (failed)
        unlink(temporary);
    errno = error;
    return failed ? -1 : 0;
}

/* text path; u32 mode or 0; the rest is the content. */
void write_file(uint32_t id, struct cursor *c)
{
    char *path = take_text(c);
    uint32_t mode = take32(c);
    if (c->bad || path[0] != '/') {
        fail(id, EBADMSG);
    } else {
        act_as_agent(1);
        int error = replace(path, mode, c->at, (size_t)(c->end - c->at)) ? errno : 0;
        act_as_agent(0);
        begin('W', id);
        put32((uint32_t)error);
        send_frame();
    }
    free(path);
}

static int delete_one(const char *path, const struct stat *st, int kind, struct FTW *place)
{
    (void)st, (void)place;
    return kind == FTW_DP ? rmdir(path) : unlink(path);
}

/* text path: a file, a link or a whole folder; links are not followed, a missing one is fine. */
void delete_path(uint32_t id, struct cursor *c)
{
    char *path = take_text(c);
    int error = EBADMSG;
    if (!c->bad && path[0] == '/') {
        act_as_agent(1);
        error = nftw(path, delete_one, 64, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) && errno != ENOENT ? errno : 0;
        act_as_agent(0);
    }
    begin('D', id);
    put32((uint32_t)error);
    send_frame();
    free(path);
}

/* Single files, by the agent's rights. */
#include "warden.h"

enum { PROC = 0x9fa0 };

/* Opens a regular file, never waiting for a FIFO's other end. /proc is refused, because /proc/self would be the warden; its one
 * file of the resources says nothing about any process. */
static int open_regular(const char *path, struct stat *st)
{
    struct statfs fs;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int error = fstat(fd, st) || fstatfs(fd, &fs) ? errno : S_ISDIR(st->st_mode) ? EISDIR : S_ISREG(st->st_mode) ? 0 : EACCES;
    if (!error && fs.f_type == PROC && strcmp(path, "/proc/loadavg"))
        error = EACCES;
    if (!error)
        return fd;
    close(fd);
    errno = error;
    return -1;
}

/* text path; u64 offset; u32 limit. Answer: u64 size, content. */
void get_file(uint32_t id, struct cursor *c)
{
    char *path = take_text(c);
    uint64_t offset = take64(c);
    uint32_t limit = take32(c);
    struct stat st;
    if (c->bad || limit > MAX_FRAME / 2) {
        answer('G', id, EBADMSG);
        return;
    }
    act_as_agent(1);
    int fd = open_regular(path, &st), error = errno;
    act_as_agent(0);
    if (fd < 0) {
        answer('G', id, error);
        return;
    }
    begin('G', id);
    put64((uint64_t)st.st_size);
    if (lseek(fd, (off_t)offset, SEEK_SET) < 0 || put_file(fd, limit) < 0)
        answer('G', id, errno);
    else
        send_frame();
    close(fd);
}

/* What goes wrong here, the opening of the file says again. */
static void make_parents(char *path)
{
    for (char *p = path + 1; (p = strchr(p, '/')); p++) {
        *p = 0;
        mkdir(path, 0755);
        *p = '/';
    }
}

int write_all(int fd, const unsigned char *p, size_t size)
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
    make_parents(path);
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
    int error = EBADMSG;
    if (!c->bad && path[0] == '/') {
        act_as_agent(1);
        error = replace(path, mode, c->at, (size_t)(c->end - c->at)) ? errno : 0;
        act_as_agent(0);
    }
    answer('W', id, error);
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
    answer('D', id, error);
}

/* The walk: what changed under a folder since the last look, told from an index that only the warden's memory holds. */
#include "warden.h"

enum { BUCKETS = 1 << 16, BATCH = 256 << 10 };
enum { PRIME = 1 };

struct node {
    struct node *next;
    uint64_t inode, size, modified, changed;
    uint32_t mode, round;
    unsigned char kind, digest[32];
    char path[];
};
/* One look: its settings, and how much of them is left. Files over `content` bytes go by digest, over `hashed` by size alone. */
struct look { uint32_t id, flags, content, items; uint64_t hashed, budget, now; };

static struct node *buckets[BUCKETS];
static uint32_t round_now;
static char path[PATH_MAX];
static unsigned char *content;
static struct look look;
static size_t batched;

static uint64_t nanoseconds(struct timespec t) { return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec; }

static struct node *find(const char *name)
{
    uint64_t h = 14695981039346656037u;
    for (const char *p = name; *p; p++)
        h = (h ^ (unsigned char)*p) * 1099511628211u;
    struct node **at = &buckets[(h ^ h >> 32) % BUCKETS];
    while (*at && strcmp((*at)->path, name))
        at = &(*at)->next;
    if (!*at) {
        *at = need(calloc(1, sizeof **at + strlen(name) + 1));
        strcpy((*at)->path, name);
    }
    return *at;
}

/* u8 kind; u32 mode; u64 size; text path; u8 digest[32]; u32 length of content or ~0 for none; content. */
static void put_item(const struct node *n, const void *data, size_t size)
{
    if (!batched)
        begin('I', look.id);
    put(&n->kind, 1);
    put32(n->mode);
    put64(n->size);
    put32((uint32_t)strlen(n->path));
    put(n->path, strlen(n->path));
    put(n->digest, sizeof n->digest);
    put32(data ? (uint32_t)size : ~0U);
    put(data ? data : "", data ? size : 0);
    batched += 64 + strlen(n->path) + (data ? size : 0);
    if (batched > BATCH) {
        send_frame();
        batched = 0;
    }
}

/* Reads for content and digest; returns the bytes held in `content`, or -1 when there are more than may cross, or -2 unread. */
static ssize_t read_content(int dir, const char *name, struct node *n)
{
    struct sha256 s;
    struct stat st;
    size_t held = 0;
    uint64_t total = 0;
    ssize_t got;
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    memset(n->digest, 0, sizeof n->digest);
    if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode))
        return close(fd), -2;
    size_t cap = look.content < look.budget ? look.content : (size_t)look.budget;
    if ((uint64_t)st.st_size > look.hashed)
        return close(fd), -1;
    sha256_begin(&s);
    while ((got = read(fd, content + held, CHUNK)) > 0 && (total += (uint64_t)got) <= look.hashed + CHUNK) {
        sha256_add(&s, content + held, (size_t)got);
        held = total <= cap ? held + (size_t)got : 0;
    }
    close(fd);
    if (got < 0)
        return -2;
    if (got == 0)
        sha256_end(&s, n->digest);
    n->size = total;
    return total <= cap && got == 0 ? (ssize_t)held : -1;
}

/* A changed file or link: read, and told when it differs in more than its times. */
static void examine(int dir, const char *name, struct node *n, const struct node *old)
{
    ssize_t size;
    if (look.flags & PRIME) {
        memset(n->digest, 0, sizeof n->digest);
        put_item(n, NULL, 0);
        return;
    }
    if (n->kind == 'l') {
        struct sha256 s;
        size = readlinkat(dir, name, (char *)content, look.content);
        sha256_begin(&s);
        sha256_add(&s, content, size > 0 ? (size_t)size : 0);
        sha256_end(&s, n->digest);
    } else {
        size = read_content(dir, name, n);
    }
    n->kind = size == -2 ? 'u' : n->kind;
    int told = n->kind == 'u' || memcmp(n->digest, (unsigned char[32]){0}, 32);
    if (told && old->kind == n->kind && old->mode == n->mode && old->size == n->size && !memcmp(old->digest, n->digest, 32))
        return;
    look.budget -= size > 0 ? (uint64_t)size : 0;
    put_item(n, size >= 0 ? content : NULL, size > 0 ? (size_t)size : 0);
}

static void visit(int dir, const char *name, size_t length);

static void walk(int dir, size_t length)
{
    DIR *stream = fdopendir(dir);
    struct dirent *entry;
    while (stream && look.items && (entry = readdir(stream))) {
        size_t size = strlen(entry->d_name), at = length ? length + 1 : 0;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") || at + size >= sizeof path)
            continue;
        if (length)
            path[length] = '/';
        memcpy(path + at, entry->d_name, size + 1);
        look.items--;
        visit(dirfd(stream), entry->d_name, at + size);
        path[length] = 0;
    }
    if (stream)
        closedir(stream);
}

static int same(const struct node *n, const struct stat *st)
{
    return n->kind && n->inode == st->st_ino && n->size == (uint64_t)st->st_size && n->mode == st->st_mode
        && n->modified == nanoseconds(st->st_mtim) && n->changed == nanoseconds(st->st_ctim);
}

static void visit(int dir, const char *name, size_t length)
{
    struct stat st;
    int sub = -1;
    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
        return;
    struct node *n = find(path), old = *n;
    int known = same(n, &st);
    n->round = round_now;
    n->inode = st.st_ino;
    n->mode = st.st_mode;
    n->size = (uint64_t)st.st_size;
    n->modified = nanoseconds(st.st_mtim);
    n->changed = nanoseconds(st.st_ctim);
    n->kind = S_ISREG(st.st_mode) ? 'f' : S_ISLNK(st.st_mode) ? 'l' : S_ISDIR(st.st_mode) ? 'd' : 's';
    if (n->kind == 'd') {
        n->size = 0;
        sub = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        n->kind = sub < 0 ? 'u' : 'd';
    }
    if (known && old.kind != 'd') {
        n->kind = old.kind;
    } else if (n->kind == 'f' || n->kind == 'l') {
        examine(dir, name, n, &old);
    } else {
        memset(n->digest, 0, sizeof n->digest);
        if (old.kind != n->kind || old.mode != n->mode)
            put_item(n, NULL, 0);
    }
    if (n->changed + 20000000 > look.now)
        n->changed = 0;                 /* its clock is too coarse to tell a later change: look again next time */
    if (sub >= 0)
        walk(sub, length);
}

static void tell_removed(void)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct node **at = &buckets[i]; *at;) {
            struct node *n = *at;
            if (n->round == round_now) {
                at = &n->next;
                continue;
            }
            n->kind = 'r';
            put_item(n, NULL, 0);
            *at = n->next;
            free(n);
        }
}

/* text root; u32 flags, content, items; u64 hashed, budget. End: u32 errno, items left, processes alive. */
void tree(uint32_t id, struct cursor *c)
{
    char *root = take_text(c);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    look = (struct look){.id = id, .flags = take32(c), .content = take32(c), .items = take32(c), .hashed = take64(c), .budget = take64(c)};
    look.now = nanoseconds(now);
    if (c->bad || look.content > MAX_FRAME / 2) {
        free(root);
        fail(id, EBADMSG);
        return;
    }
    content = need(malloc((size_t)look.content + 2 * CHUNK));
    round_now++;
    batched = 0;
    act_as_agent(1);
    int dir = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = dir < 0 ? errno : 0;
    if (dir >= 0)
        walk(dir, 0);
    act_as_agent(0);
    if (!error && look.items)
        tell_removed();
    if (batched)
        send_frame();
    free(content);
    free(root);
    begin('Z', id);
    put32((uint32_t)error);
    put32(look.items);
    put32((uint32_t)count_alive());
    send_frame();
}

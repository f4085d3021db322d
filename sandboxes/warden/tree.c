/* The walk: what changed under a folder since the last look, told from an index that only the warden's memory holds. */
#include "warden.h"

/* INDEX bounds the index's bytes, so that no tree can drive the warden out of memory. */
enum { BUCKETS = 1 << 16, BATCH = 256 << 10, INDEX = 64 << 20, TICK = 20000000 };

/* The kernel sets `changed`, the inode change time, at every change of content, mode or owner, and nobody else can. */
struct node {
    struct node *next;
    uint64_t inode, size, changed;
    uint32_t mode, round;
    char kind, path[];
};

static struct node *buckets[BUCKETS];
static size_t index_size;
static char path[PATH_MAX];

/* One look: its number, and how much is left of its limits. `content`: bytes of one file that may cross, 0 for a bare list. */
static struct { uint32_t id, round, items, content; uint64_t budget, now; int begun, cut; } look;

static uint64_t nanoseconds(struct timespec t) { return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec; }

static size_t size_of(const char *name) { return sizeof(struct node) + strlen(name) + 1; }

/* The path's node, a new one where there is room for it, or NULL. */
static struct node *find(const char *name)
{
    uint64_t h = 14695981039346656037u;
    for (const char *p = name; *p; p++)
        h = (h ^ (unsigned char)*p) * 1099511628211u;
    struct node **at = &buckets[(h ^ h >> 32) % BUCKETS];
    while (*at && strcmp((*at)->path, name))
        at = &(*at)->next;
    if (!*at && index_size + size_of(name) <= INDEX) {
        index_size += size_of(name);
        *at = need(calloc(1, size_of(name)));
        strcpy((*at)->path, name);
    }
    return *at;
}

/* u8 kind; u32 mode; u64 size; text path; u32 length of content or ~0 for none; content. */
static void put_item(const struct node *n, int dir, const char *name, int fd)
{
    char target[PATH_MAX];
    ssize_t held = -1;
    if (!look.begun)
        begin('I', look.id);
    look.begun = 1;
    put(&n->kind, 1);
    put32(n->mode);
    put64(S_ISDIR(n->mode) ? 0 : n->size);
    put_text(n->path);
    put32(~0U);
    size_t at = frame_size();
    if (n->kind == 'l' && look.content && (held = readlinkat(dir, name, target, sizeof target)) > 0)
        put(target, (size_t)held);
    if (n->kind == 'f' && look.content && n->size <= look.content && n->size <= look.budget)
        held = put_file(fd, look.content < look.budget ? look.content : (size_t)look.budget);
    if (held >= 0)
        patch32(at - 4, (uint32_t)held);
    look.budget -= n->kind == 'f' && held > 0 ? (uint64_t)held : 0;
    if (frame_size() > BATCH) {
        send_frame();
        look.begun = 0;
    }
}

static void visit(int dir, const char *name, size_t length);

static void walk(int dir, size_t length)
{
    DIR *stream = fdopendir(dir);
    struct dirent *entry;
    while (stream && look.items && (entry = readdir(stream))) {
        size_t size = strlen(entry->d_name), at = length ? length + 1 : 0;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        if (at + size >= sizeof path) {
            look.cut = 1;
            continue;
        }
        if (length)
            path[length] = '/';
        memcpy(path + at, entry->d_name, size + 1);
        look.items--;
        visit(dirfd(stream), entry->d_name, at + size);
        path[length] = 0;
    }
    look.cut |= !stream || !look.items;
    if (stream)
        closedir(stream);
    else
        close(dir);
}

static int same(const struct node *n, const struct stat *st)
{
    return n->inode == st->st_ino && n->size == (uint64_t)st->st_size && n->mode == st->st_mode
        && n->changed == nanoseconds(st->st_ctim);
}

/* Opens what is to be read, never through a link and never waiting. */
static char open_entry(int dir, const char *name, mode_t mode, int *fd)
{
    if (!S_ISREG(mode) && !S_ISDIR(mode))
        return S_ISLNK(mode) ? 'l' : 's';
    if (S_ISREG(mode) && !look.content)
        return 'f';
    *fd = openat(dir, name, (S_ISDIR(mode) ? O_DIRECTORY : 0) | O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return *fd < 0 ? 'u' : S_ISDIR(mode) ? 'd' : 'f';
}

static void visit(int dir, const char *name, size_t length)
{
    struct stat st;
    int fd = -1;
    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
        return;
    struct node *n = find(path);
    if (!n) {
        look.cut = 1;
        return;
    }
    n->round = look.round;
    if (S_ISDIR(st.st_mode) || !same(n, &st)) {
        char kind = open_entry(dir, name, st.st_mode, &fd);
        /* Of a folder or a special file no more is told than its kind and mode. */
        int told = kind == n->kind && n->mode == st.st_mode && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode);
        n->inode = st.st_ino;
        n->size = (uint64_t)st.st_size;
        n->changed = nanoseconds(st.st_ctim);
        n->mode = st.st_mode;
        n->kind = kind;
        if (!told)
            put_item(n, dir, name, fd);
        if (n->changed + TICK > look.now)
            n->changed = 0;             /* its clock is too coarse to tell a later change: look again next time */
    }
    if (S_ISDIR(st.st_mode) && fd >= 0)
        walk(fd, length);
    else if (fd >= 0)
        close(fd);
}

static void tell_removed(void)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct node **at = &buckets[i]; *at;) {
            struct node *n = *at;
            if (n->round == look.round) {
                at = &n->next;
                continue;
            }
            n->kind = 'r';
            put_item(n, -1, "", -1);
            *at = n->next;
            index_size -= size_of(n->path);
            free(n);
        }
}

/* text root; u32 items, content; u64 budget. End: u32 cut (1: something could not be seen), processes alive. */
void tree(uint32_t id, struct cursor *c)
{
    char *root = take_text(c);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    look.id = id, look.round++, look.begun = look.cut = 0;
    look.items = take32(c), look.content = take32(c), look.budget = take64(c), look.now = nanoseconds(now);
    if (c->bad || look.content > MAX_FRAME / 2) {
        answer('T', id, EBADMSG);
        return;
    }
    act_as_agent(1);
    int dir = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir >= 0)
        walk(dir, 0);
    act_as_agent(0);
    if (dir >= 0 && look.items)
        tell_removed();
    if (look.begun)
        send_frame();
    int alive = count_alive();
    begin('T', id);
    put32(dir < 0 || look.cut);
    put32((uint32_t)alive);
    send_frame();
}

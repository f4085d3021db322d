/* Commands: a supervisor per command tells its status, pipes carry its output, the head and the tail of which go to the harness. */
#include "warden.h"

enum { STATUS, OUT, ERR, STATE, IN, ENDS, SLOTS = 128 };
enum { RUNNING = 1, KILLED = 2, LOST = 4 };

struct command {
    uint32_t id;
    int state, ended;
    pid_t supervisor;
    uint64_t began, deadline;
    long kills;
    struct stream streams[ENDS];
    unsigned char *input;
    size_t input_at, input_size;
};

/* Our ends of the pipes, as poll wants them: polls[0] is the harness, then ENDS per command; -1 is skipped by the kernel. */
static struct pollfd polls[1 + SLOTS * ENDS];
static struct command commands[SLOTS];
static int used;

static struct pollfd *ends_of(int slot) { return polls + 1 + slot * ENDS; }

static void close_end(struct pollfd *end)
{
    if (end->fd >= 0)
        close(end->fd);
    end->fd = -1;
}

int is_supervisor(pid_t pid)
{
    for (int i = 0; i < used; i++)
        if (pid > 1 && commands[i].supervisor == pid)
            return 1;
    return 0;
}

static int open_pipes(struct pollfd *ours, int theirs[5], const struct request *r, int has_input)
{
    theirs[0] = has_input ? -1 : open("/dev/null", O_RDONLY | O_CLOEXEC);
    for (int k = 0; k < ENDS; k++) {
        int p[2], in = k == IN;
        if ((in && !has_input) || (k == ERR && r->flags & MERGE) || (k == STATE && !(r->flags & KEEP_STATE)))
            continue;
        act_as_agent(k != STATUS);              /* else the command could not open /dev/stdout */
        int failed = pipe2(p, O_CLOEXEC);
        act_as_agent(0);
        if (failed)
            return -1;
        ours[k].fd = p[in];
        ours[k].events = in ? POLLOUT : POLLIN;
        fcntl(p[in], F_SETFL, O_NONBLOCK);      /* a stopped supervisor or a deaf command must never hold the warden */
        theirs[in ? 0 : k == STATUS ? 4 : k] = p[!in];
    }
    if (r->flags & MERGE)
        theirs[2] = fcntl(theirs[1], F_DUPFD_CLOEXEC, 3);
    fcntl(theirs[4], F_SETFL, O_NONBLOCK);
    return 0;
}

static int start(struct command *c, struct pollfd *ours, const struct request *r)
{
    int theirs[5] = {-1, -1, -1, -1, -1}, error = open_pipes(ours, theirs, r, c->input_size > 0) ? errno : 0;
    c->began = now_us();
    c->kills = memory_kills();
    if (!error && (c->supervisor = fork()) == 0)
        supervise(r, theirs, theirs[4]);
    if (!error && c->supervisor < 0)
        error = errno;
    for (int i = 0; i < 5; i++)
        if (theirs[i] >= 0)
            close(theirs[i]);
    for (int k = 0; error && k < ENDS; k++)
        close_end(&ours[k]);
    return error;
}

static char **take_texts(struct cursor *c)
{
    uint32_t count = take32(c);
    if (count > (size_t)(c->end - c->at) / 4)
        c->bad = 1;
    char **texts = need(calloc(c->bad ? 1 : (size_t)count + 1, sizeof *texts));
    for (uint32_t i = 0; !c->bad && i < count; i++)
        texts[i] = take_text(c);
    return texts;
}

static void free_request(struct request *r)
{
    for (int i = 0; r->argv[i]; i++)
        free(r->argv[i]);
    for (int i = 0; r->env[i]; i++)
        free(r->env[i]);
    free(r->cwd);
    free(r->argv);
    free(r->env);
}

static int free_slot(void)
{
    for (int i = 0; i < used; i++)
        if (!commands[i].id)
            return i;
    if (used == SLOTS)
        return -1;
    for (int k = 0; k < ENDS; k++)
        ends_of(used)[k].fd = -1;
    return used++;
}

/* u32 flags, milliseconds, head, tail; text cwd; texts argv; texts environment, whole or to add; the rest is stdin. */
void run(uint32_t id, struct cursor *c)
{
    struct request r = {.flags = take32(c)};
    uint64_t limit = take32(c);
    struct stream out = {.type = 'O', .head = take32(c), .tail = take32(c)}, err = out;
    int slot = free_slot(), error = EAGAIN;
    r.cwd = take_text(c);
    r.argv = take_texts(c);
    r.env = take_texts(c);
    r.flags |= r.env[0] ? 0 : ADD;
    if (c->bad || !r.argv[0] || !id || out.tail > MAX_FRAME / 2)
        error = EBADMSG;
    else if (slot >= 0) {
        struct command *new = &commands[slot];
        *new = (struct command){.id = id, .state = RUNNING, .deadline = now_us() + limit * 1000, .streams = {[OUT] = out, [ERR] = err}};
        new->streams[ERR].type = 'E';
        new->streams[STATE] = (struct stream){.type = 'V', .head = 4 << 20};
        new->input_size = (size_t)(c->end - c->at);
        new->input = need(malloc(new->input_size + 1));
        memcpy(new->input, c->at, new->input_size);
        error = start(new, ends_of(slot), &r);
        if (error) {
            free(new->input);
            *new = (struct command){0};
        }
    }
    if (error)
        fail(id, error);
    free_request(&r);
}

static ssize_t pump(struct command *c, struct pollfd *end, int k)
{
    static unsigned char chunk[CHUNK];
    ssize_t n = read(end->fd, chunk, sizeof chunk);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        close_end(end);
    if (n > 0 && c->state & RUNNING)
        keep(&c->streams[k], c->id, chunk, (size_t)n);
    return n;
}

static void feed(struct command *c, struct pollfd *end)
{
    ssize_t n = write(end->fd, c->input + c->input_at, c->input_size - c->input_at);
    if (n > 0)
        c->input_at += (size_t)n;
    if ((n < 0 && errno != EAGAIN && errno != EINTR) || c->input_at == c->input_size)
        close_end(end);
}

/* What was written before the exit is in the pipes now, and no more of it: a background flood must not delay the answer. */
static void drain(struct command *c, struct pollfd *end, int k)
{
    int ready = 0;
    if (end->fd >= 0)
        ioctl(end->fd, FIONREAD, &ready);
    for (ssize_t n = 1; ready > 0 && n > 0; ready -= (int)n)
        n = pump(c, end, k);
    flush_tail(&c->streams[k], c->id);
}

/* i32 status, u32 flags, ended; u64 wall, user, system us, total out, total err; u32 kills for memory meanwhile. */
static void finish(struct command *c, struct pollfd *ends, const struct report *r)
{
    for (int k = OUT; k <= STATE; k++)
        drain(c, &ends[k], k);
    if (r->error) {
        fail(c->id, r->error);
    } else {
        begin('X', c->id);
        put32((uint32_t)r->status);
        put32((uint32_t)c->state);
        put32((uint32_t)c->ended);
        put64(now_us() - c->began);
        put64((uint64_t)r->user_us);
        put64((uint64_t)r->system_us);
        put64(c->streams[OUT].total);
        put64(c->streams[ERR].total);
        put32((uint32_t)(memory_kills() - c->kills));
        send_frame();
    }
    c->state = 0;
    close_end(&ends[STATUS]);
    close_end(&ends[STATE]);
    close_end(&ends[IN]);
    free(c->input);
    c->input = NULL;
}

static void hear_status(struct command *c, struct pollfd *ends)
{
    struct report report = {.status = SIGKILL};
    ssize_t n = read(ends[STATUS].fd, &report, sizeof report);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n != sizeof report) {               /* the supervisor died before its command; its orphans are ours now */
        c->state |= LOST;
        c->supervisor = 0;
        c->ended += kill_tree(1);
    }
    finish(c, ends, &report);
}

static void serve(struct command *c, struct pollfd *ends)
{
    for (int k = OUT; k <= STATE; k++)
        if (ends[k].fd >= 0 && ends[k].revents)
            pump(c, &ends[k], k);
    if (ends[IN].fd >= 0 && ends[IN].revents)
        feed(c, &ends[IN]);
    if (ends[STATUS].fd >= 0 && ends[STATUS].revents)
        hear_status(c, ends);
    if (c->state & RUNNING && c->supervisor && now_us() >= c->deadline) {
        c->state |= KILLED;
        c->ended += kill_tree(c->supervisor);
        c->deadline = now_us() + 20000;     /* once more, had it not begun yet */
    }
    if (!c->state && ends[OUT].fd < 0 && ends[ERR].fd < 0 && !c->supervisor)
        c->id = 0;
}

void cancel(uint32_t id)
{
    for (int i = 0; i < used; i++)
        if (commands[i].id == id && commands[i].state & RUNNING)
            commands[i].deadline = 0;
}

static int patience_ms(void)
{
    uint64_t now = now_us(), soonest = now + 1000000;      /* a supervisor that ends late is reaped within a second */
    for (int i = 0; i < used; i++)
        if (commands[i].state & RUNNING && commands[i].deadline < soonest)
            soonest = commands[i].deadline;
    return soonest <= now ? 0 : (int)((soonest - now + 999) / 1000);
}

void reap(void)
{
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        for (int i = 0; i < used; i++)
            if (commands[i].supervisor == pid)
                commands[i].supervisor = 0;
}

int watch(void)
{
    polls[0] = (struct pollfd){.fd = 0, .events = POLLIN};
    poll(polls, (nfds_t)(1 + used * ENDS), patience_ms());
    for (int i = 0; i < used; i++)
        if (commands[i].id)
            serve(&commands[i], ends_of(i));
    reap();
    return polls[0].revents != 0;
}

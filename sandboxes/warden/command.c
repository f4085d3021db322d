/* The command: one at a time. A supervisor tells its status, pipes carry its output, head and tail of which go to the harness. */
#include "warden.h"

enum { HARNESS, FIRST, LEFT = FIRST + ENDS, SLOTS = 1024, JOBS = 512 };
enum { KILLED = 2, NOEXEC_SEAL = 8 };

static struct {
    uint32_t id;                        /* 0: none is running */
    uint32_t flags, ended;
    pid_t supervisor;
    uint64_t began, deadline;
    long kills;
    struct stream streams[STATUS];
} command;

/* What poll watches: the harness, our ends of the command's pipes, and the output of what earlier commands left running, which
 * is read and thrown away, so that its writers neither wait nor die. The kernel skips -1. */
static struct pollfd polls[LEFT + SLOTS] = {{.fd = 0, .events = POLLIN}, {.fd = -1}, {.fd = -1}, {.fd = -1}, {.fd = -1}};
static struct pollfd *const ends = polls + FIRST;
static int left;
static pid_t supervisors[JOBS];
static int supervised;

int is_supervisor(pid_t pid)
{
    for (int i = 0; i < supervised; i++)
        if (supervisors[i] == pid)
            return 1;
    return 0;
}

void reap(void)
{
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        for (int i = 0; i < supervised; i++)
            if (supervisors[i] == pid)
                supervisors[i] = supervisors[--supervised];
}

static long memory_kills(void)
{
    static const char *const paths[] = {"/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"};
    char text[1024], *line;
    for (int i = 0; i < 2; i++) {
        int fd = open(paths[i], O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            continue;
        ssize_t n = read(fd, text, sizeof text - 1);
        close(fd);
        text[n > 0 ? n : 0] = 0;
        if ((line = strstr(text, "oom_kill ")))
            return atol(line + 9);
    }
    return 0;
}

static void close_end(struct pollfd *end)
{
    if (end->fd >= 0)
        close(end->fd);
    end->fd = -1;
}

/* ---- start ---- */

/* A file in memory, since feeding a pipe would be one more thing to watch. Where a kernel allows no executable one, it must say so. */
static int open_input(const unsigned char *data, size_t size)
{
    if (!size)
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    int fd = memfd_create("stdin", MFD_CLOEXEC | NOEXEC_SEAL);
    if (fd < 0 && errno == EINVAL)
        fd = memfd_create("stdin", MFD_CLOEXEC);
    if (fd >= 0 && (write_all(fd, data, size) || lseek(fd, 0, SEEK_SET))) {
        close(fd);
        return -1;
    }
    return fd;
}

static int open_pipe(int k, int theirs[])
{
    int p[2];
    act_as_agent(k != STATUS);          /* else the command could not open /dev/stdout */
    int failed = pipe2(p, O_CLOEXEC);
    act_as_agent(0);
    if (failed)
        return -1;
    ends[k] = (struct pollfd){.fd = p[0], .events = POLLIN};
    theirs[k] = p[1];
    return fcntl(p[0], F_SETFL, O_NONBLOCK);
}

static int start(const struct request *r, const struct cursor *input)
{
    int theirs[ENDS + 1] = {-1, -1, -1, -1, -1}, failed = 0, error;
    for (int k = 0; k < ENDS && !failed; k++)
        if (!(k == ERR && r->flags & MERGE) && !(k == STATE && !(r->flags & KEEP_STATE)))
            failed = open_pipe(k, theirs);
    act_as_agent(1);
    failed = failed || (theirs[IN] = open_input(input->at, (size_t)(input->end - input->at))) < 0;
    error = errno;
    act_as_agent(0);
    command.began = now_us();
    command.kills = memory_kills();
    if (!failed && (command.supervisor = fork()) == 0)
        supervise(r, theirs);
    if (!failed && command.supervisor < 0) {
        failed = 1;
        error = errno;
    }
    for (int k = 0; k <= ENDS; k++)
        if (theirs[k] >= 0)
            close(theirs[k]);
    for (int k = 0; k < ENDS && failed; k++)
        close_end(&ends[k]);
    if (!failed)
        supervisors[supervised++] = command.supervisor;
    return failed ? error : 0;
}

static char **take_texts(struct cursor *c)
{
    size_t count = take32(c);
    if (count > (size_t)(c->end - c->at) / 5)
        c->bad = 1;
    char **texts = need(calloc(c->bad ? 1 : count + 1, sizeof *texts));
    for (size_t i = 0; !c->bad && i < count; i++)
        texts[i] = take_text(c);
    return texts;
}

/* u32 flags, milliseconds, head, tail; text cwd; texts argv; texts environment, whole or to add; the rest is stdin. */
void run(uint32_t id, struct cursor *c)
{
    struct request r = {.flags = take32(c)};
    uint64_t limit = take32(c);
    struct stream out = {.type = 'O', .head = take32(c), .tail = take32(c)}, err = out;
    int error = command.id ? EBUSY : supervised == JOBS || left + 2 > SLOTS ? EAGAIN : 0;
    r.cwd = take_text(c);
    r.argv = take_texts(c);
    r.env = take_texts(c);
    if (c->bad || !r.argv[0] || !id || out.tail > MAX_FRAME / 2)
        error = EBADMSG;
    if (!error) {
        err.type = 'E';
        memset(&command, 0, sizeof command);
        command.deadline = now_us() + limit * 1000;
        command.streams[OUT] = out;
        command.streams[ERR] = err;
        command.streams[STATE] = (struct stream){.type = 'V', .head = 4 << 20};
        error = start(&r, c);
        command.id = error ? 0 : id;
    }
    if (error)
        answer('F', id, error);
    free(r.argv);
    free(r.env);
}

/* ---- while it runs, and the end ---- */

static ssize_t pump(int k)
{
    static unsigned char chunk[CHUNK];
    ssize_t n = read(ends[k].fd, chunk, sizeof chunk);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        close_end(&ends[k]);
    if (n > 0)
        keep(&command.streams[k], command.id, chunk, (size_t)n);
    return n;
}

/* What was written before the exit is in the pipes now, and no more of it: a background flood must not delay the answer. */
static void drain(int k)
{
    int ready = 0;
    if (ends[k].fd >= 0)
        ioctl(ends[k].fd, FIONREAD, &ready);
    for (ssize_t n = 1; ready > 0 && n > 0; ready -= (int)n)
        n = pump(k);
    flush_tail(&command.streams[k], command.id);
    if (k != STATE && ends[k].fd >= 0)
        polls[LEFT + left++] = ends[k];
    else
        close_end(&ends[k]);
    ends[k].fd = -1;
}

/* i32 wait status, u32 flags, ended; u64 wall us, total out, total err; u32 kills for memory meanwhile. */
static void finish(int status)
{
    for (int k = OUT; k <= STATE; k++)
        drain(k);
    close_end(&ends[STATUS]);
    if (status < 0) {
        answer('F', command.id, -status);
    } else {
        begin('X', command.id);
        put32((uint32_t)status);
        put32(command.flags);
        put32(command.ended);
        put64(now_us() - command.began);
        put64(command.streams[OUT].total);
        put64(command.streams[ERR].total);
        put32((uint32_t)(memory_kills() - command.kills));
        send_frame();
    }
    command.id = 0;
}

static void hear_status(void)
{
    int status = SIGKILL;
    ssize_t n = read(ends[STATUS].fd, &status, sizeof status);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n != sizeof status)             /* the supervisor died before its command; its orphans are ours now */
        command.ended += (uint32_t)kill_tree(1);
    finish(status);
}

static void serve_command(void)
{
    for (int k = OUT; k <= STATE; k++)
        if (ends[k].fd >= 0 && ends[k].revents)
            pump(k);
    if (ends[STATUS].revents)
        hear_status();
    if (command.id && is_supervisor(command.supervisor) && now_us() >= command.deadline) {
        command.flags |= KILLED;
        command.ended += (uint32_t)kill_tree(command.supervisor);
        command.deadline = now_us() + 20000;    /* once more, had it not begun yet */
    }
}

static void serve_left(void)
{
    static unsigned char chunk[CHUNK];
    for (int i = LEFT + left - 1; i >= LEFT; i--) {
        ssize_t n = polls[i].revents ? read(polls[i].fd, chunk, sizeof chunk) : 1;
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            close(polls[i].fd);
            polls[i] = polls[LEFT + --left];
        }
    }
}

void cancel(uint32_t id)
{
    if (command.id == id)
        command.deadline = 0;
}

/* Until the deadline, and never over a second: a supervisor that ends late is to be reaped. */
static int patience_ms(void)
{
    uint64_t now = now_us();
    if (!command.id || command.deadline > now + 1000000)
        return 1000;
    return command.deadline > now ? (int)((command.deadline - now + 999) / 1000) : 0;
}

int watch(void)
{
    if (poll(polls, (nfds_t)(LEFT + left), patience_ms()) < 0)
        return 0;
    if (command.id)
        serve_command();
    serve_left();
    reap();
    stay_alive();
    return polls[HARNESS].revents != 0;
}

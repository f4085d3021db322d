/* The warden: start, answer, and end with the harness. As a command of the agent it only shows files and tells its own state. */
#include "warden.h"

uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* The last act of a keeping shell: its directory and environment, NUL after each, and the shell's own status. */
static int tell_state(const char *status)
{
    const char *cwd = getcwd(NULL, 0), *told = getenv("PWD");
    signal(SIGPIPE, SIG_IGN);
    dprintf(STATE_FD, "%s%c", cwd ? cwd : told ? told : "/", 0);
    for (char **e = environ; *e; e++)
        dprintf(STATE_FD, "%s%c", *e, 0);
    dprintf(STATE_FD, "%c", 0);         /* the empty text says that nothing is missing */
    return atoi(status);
}

/* The proof of confinement is what a command of the agent sees. */
static int show(char **paths)
{
    char chunk[4096];
    for (; *paths; paths++) {
        int fd = open(*paths, O_RDONLY);
        ssize_t n;
        dprintf(1, "==> %s\n", *paths);
        while (fd >= 0 && (n = read(fd, chunk, sizeof chunk)) > 0 && write(1, chunk, (size_t)n) == n)
            ;
    }
    return 0;
}

static const char *find_shell(void)
{
    static const char *const shells[] = {"/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash", "/bin/sh", "/usr/bin/sh"};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (!access(shells[i], X_OK))
            return shells[i];
    return "";
}

static void prepare(char **words)
{
    know_agent(words);
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    umask(022);
    fcntl(1, F_SETFL, fcntl(1, F_GETFL) | O_NONBLOCK);
    fcntl(1, F_SETPIPE_SZ, 1 << 20);    /* fewer turns through the engine; where it is refused, slower */
    setenv("HOME", "/home/agent", 0);
    setenv("USER", "agent", 0);
    setenv("LOGNAME", "agent", 0);
    setenv("SHELL", find_shell(), 1);
}

static void serve_harness(void)
{
    struct frame f;
    receive(&f);
    switch (f.type) {
    case 'R': run(f.id, &f.payload); break;
    case 'C': cancel(f.id); break;
    case 'T': tree(f.id, &f.payload); break;
    case 'G': get_file(f.id, &f.payload); break;
    case 'W': write_file(f.id, &f.payload); break;
    case 'D': delete_path(f.id, &f.payload); break;
    case 'K': {
        int left = end_all();
        begin('K', f.id);
        put32((uint32_t)left);
        send_frame();
        break;
    }
    default: answer(f.type, f.id, ENOSYS);
    }
    free(f.data);
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "state"))
        return tell_state(argv[2]);
    if (argc > 2 && !strcmp(argv[1], "show"))
        return show(argv + 2);
    if (getpid() != 1)
        return dprintf(2, "the warden is a container's PID 1; anywhere else it would end other people's processes\n"), 2;
    prepare(argv + 1);
    begin('H', 0);
    put32(VERSION);
    put32(agent.uid);
    put_text(getenv("SHELL"));
    send_frame();
    for (;;)
        if (watch())
            serve_harness();
}

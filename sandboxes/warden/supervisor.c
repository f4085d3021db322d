/* The other side of the fork: a supervisor, and under it the command with the agent's rights. All that is inherited closes on exec. */
#include "warden.h"

static void drop_rights(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, "500", 3) == 3)
        close(fd);                       /* the kernel is to choose the command, never the warden */
    setpriority(PRIO_PROCESS, 0, 10);    /* under a fork bomb the warden must get the processor */
    setsid();
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    umask(022);
    if (privileged && (setgroups(0, NULL) || setresgid(AGENT, AGENT, AGENT) || setresuid(AGENT, AGENT, AGENT)))
        _exit(125);
}

static void become_command(const struct request *r, const int fds[4])
{
    for (int i = 0; i < 3; i++)
        if (dup2(fds[i], i) < 0)
            close(i);                    /* never the harness's own stream */
    if (r->flags & KEEP_STATE)
        dup2(fds[3], STATE_FD);
    drop_rights();
    if (r->cwd[0] && chdir(r->cwd))
        dprintf(2, "longhaul: %s: %s; running in the working directory\n", r->cwd, strerror(errno));
    for (char **e = r->env; r->flags & ADD && *e; e++)
        putenv(*e);
    environ = r->flags & ADD ? environ : r->env;
    execvp(r->argv[0], r->argv);
    dprintf(2, "longhaul: %s: %s\n", r->argv[0], strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
}

/* A subreaper, so that nothing a command starts leaves its subtree. It lives until the last of them is gone. */
void supervise(const struct request *r, const int fds[4], int status)
{
    struct report report = {0};
    struct rusage usage;
    pid_t child, done;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    child = fork();
    if (child == 0)
        become_command(r, fds);
    report.error = child < 0 ? errno : 0;
    dup2(status, 0);
    if (syscall(SYS_close_range, 1, ~0U, 0))
        for (int fd = 1; fd < 4096; fd++)
            close(fd);
    if (child < 0 && write(0, &report, sizeof report))
        _exit(0);
    while ((done = wait4(-1, &report.status, 0, &usage)) > 0 || errno == EINTR)
        if (done == child) {
            report.user_us = usage.ru_utime.tv_sec * 1000000LL + usage.ru_utime.tv_usec;
            report.system_us = usage.ru_stime.tv_sec * 1000000LL + usage.ru_stime.tv_usec;
            if (write(0, &report, sizeof report) >= 0)
                close(0);
        }
    _exit(0);
}

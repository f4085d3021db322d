/* Processes: how one becomes a command of the agent, and how all that it became are ended, so that none escapes. */
#include "warden.h"

struct process { pid_t pid, parent; char state; };
enum { PROCESSES = 65536, UNKNOWN = -1 };
static struct process list[PROCESSES];
static int listed;

/* ---- the other side of the fork ---- */

static void become_command(const struct request *r, const int fds[ENDS + 1])
{
    const int standard[] = {fds[IN], fds[OUT], r->flags & MERGE ? fds[OUT] : fds[ERR]};
    for (int i = 0; i < 3; i++)
        if (dup2(standard[i], i) < 0)
            close(i);                    /* never the harness's own stream */
    if (r->flags & KEEP_STATE && dup2(fds[STATE], STATE_FD) == STATE_FD)
        fcntl(STATE_FD, F_SETFD, 0);     /* it may have been the same number, which dup2 leaves to close on exec */
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

static void report(int status)
{
    if (write(0, &status, sizeof status) >= 0)
        close(0);
}

/* A subreaper, so that nothing a command starts leaves its subtree. It lives until the last of them is gone, and reports
 * the command's wait status, or less than 0: the error that kept it from starting. */
void supervise(const struct request *r, const int fds[ENDS + 1])
{
    int status;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t child = fork(), done;
    if (child == 0)
        become_command(r, fds);
    status = child < 0 ? -errno : 0;
    dup2(fds[STATUS], 0);
    if (syscall(SYS_close_range, 1, ~0U, 0))
        for (int fd = 1; fd < 4096; fd++)
            close(fd);
    if (child < 0)
        report(status);
    while ((done = wait(&status)) > 0 || errno == EINTR)
        if (done == child)
            report(status);
    _exit(0);
}

/* ---- the end ---- */

static int read_process(const char *pid, struct process *p)
{
    char path[64], text[512], *name_end;
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return 0;
    text[n] = 0;
    name_end = strrchr(text, ')');      /* a name may hold spaces and brackets; what follows it is ours to trust */
    p->pid = atoi(pid);
    return name_end && sscanf(name_end, ") %c %d", &p->state, &p->parent) == 2;
}

static void list_processes(void)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    listed = 0;
    while (proc && listed < PROCESSES && (entry = readdir(proc)))
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
            listed += read_process(entry->d_name, &list[listed]);
    if (proc)
        closedir(proc);
}

static int by_pid(const void *a, const void *b)
{
    return ((const struct process *)a)->pid - ((const struct process *)b)->pid;
}

/* Climbs to the nearest supervisor, or to 1 for an orphan of the warden's. A parent that ended after its child was read leaves
 * this UNKNOWN: the walk must be done again. What the engine brought in from outside has parent 0. */
static pid_t find_owner(const struct process *p)
{
    for (int steps = 0; p && steps <= listed; steps++) {
        if (p->parent <= 1 || is_supervisor(p->parent))
            return p->parent;
        p = bsearch(&(struct process){.pid = p->parent}, list, (size_t)listed, sizeof *list, by_pid);
    }
    return UNKNOWN;
}

static int is_alive(const struct process *p) { return p->pid != 1 && p->state != 'Z' && !is_supervisor(p->pid); }

/* Stops everything at once, then walks, then lets the others go on. kill(-1) joins forks in flight to the signal, needs no fork,
 * and is sent as root: to become the agent for it would let the agent renice the warden meanwhile. */
int kill_tree(pid_t root)
{
    int ended = 0, again = 1;
    uint64_t until = now_us() + 2000000;
    kill(-1, SIGSTOP);
    while (again && now_us() < until) {
        int alive = 0;
        again = 0;
        list_processes();
        for (int i = 0; i < listed; i++) {
            pid_t owner = is_alive(&list[i]) ? find_owner(&list[i]) : 0;
            again |= owner == root || owner == UNKNOWN;
            alive += owner == root && !kill(list[i].pid, SIGKILL);
        }
        ended = alive > ended ? alive : ended;
        if (again)
            usleep(300);
    }
    kill(-1, SIGCONT);
    return ended;
}

int end_all(void)
{
    uint64_t until = now_us() + 10000000;
    do {
        kill(-1, SIGKILL);
        reap();
        list_processes();
        if (listed > 1)
            usleep(300);
    } while (listed > 1 && now_us() < until);
    return listed - 1;
}

int count_alive(void)
{
    int alive = 0;
    list_processes();
    for (int i = 0; i < listed; i++)
        alive += is_alive(&list[i]);
    return alive;
}

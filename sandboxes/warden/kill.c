/* Ending processes so that none escapes: stop everything at once, then walk, then let the others go on. */
#include "warden.h"

struct process { pid_t pid, parent; char state; };
static struct process list[PROCESSES];
static int listed;

/* Becoming the agent for one syscall spares the root supervisors, and needs no fork, which a full pids limit would refuse.
 * kill(-1) joins forks in flight to the signal. The saved uid 0 is the way back. */
static void signal_agent(int sig)
{
    if (privileged && setresuid(AGENT, AGENT, 0))
        return;
    kill(-1, sig);
    if (privileged && (setresuid((uid_t)-1, 0, 0) || setresuid(0, 0, 0)))
        _exit(9);
}

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

/* Climbs to the nearest supervisor, or to the warden; a process between two parents counts as an orphan for one look. */
static int descends(const struct process *p, pid_t root)
{
    for (int steps = 0; p && p->pid != 1 && steps < listed; steps++) {
        if (p->parent == root)
            return 1;
        if (is_supervisor(p->parent))
            return 0;
        p = bsearch(&(struct process){.pid = p->parent}, list, (size_t)listed, sizeof *list, by_pid);
    }
    return 0;
}

int kill_tree(pid_t root)
{
    int ended = 0, alive = 1;
    uint64_t until = now_us() + 2000000;
    signal_agent(SIGSTOP);
    while (alive && now_us() < until) {
        alive = 0;
        list_processes();
        for (int i = 0; i < listed; i++)
            if (list[i].state != 'Z' && !is_supervisor(list[i].pid) && descends(&list[i], root)) {
                kill(list[i].pid, SIGKILL);
                alive++;
            }
        ended = alive > ended ? alive : ended;
        if (alive)
            usleep(300);
    }
    signal_agent(SIGCONT);
    return ended;
}

int end_all(void)
{
    uint64_t until = now_us() + 10000000;
    do {
        signal_agent(SIGKILL);
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
        alive += list[i].pid != 1 && list[i].state != 'Z' && !is_supervisor(list[i].pid);
    return alive;
}

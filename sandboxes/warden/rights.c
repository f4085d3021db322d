/* Rights: whose uid a command has, and how it loses whatever only the warden may. */
#include "warden.h"
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>

/* The warden's uid where commands are root's: were it root too, they could signal its supervisors, bound its resources and slow it. */
enum { OWN = 65123, KILL = 1 << CAP_KILL, CHANGE = 1 << CAP_SETUID | 1 << CAP_SETGID };

struct account agent = {.uid = 1000, .gid = 1000};
static int privileged;                  /* may become others; else the labelled fallback */
static uid_t own;

static uint32_t held(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};
    return syscall(SYS_capget, &head, data) ? 0 : data[0].permitted;
}

static int hold(uint32_t permitted, uint32_t effective)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{.permitted = permitted, .effective = effective}};
    return (int)syscall(SYS_capset, &head, data);
}

/* Words: uid, gid, further groups. */
void know_agent(char **words)
{
    if (words[0] && words[1]) {
        agent.uid = (uid_t)strtoul(words[0], NULL, 10);
        agent.gid = (gid_t)strtoul(words[1], NULL, 10);
        for (words += 2; *words && agent.count < GROUPS; words++)
            agent.groups[agent.count++] = (gid_t)strtoul(*words, NULL, 10);
    }
    privileged = geteuid() == 0;
    if (privileged && setgroups(0, NULL))
        _exit(9);
    if (!privileged || agent.uid)
        return;
    prctl(PR_SET_KEEPCAPS, 1);
    if (setresgid(OWN, OWN, OWN) || setresuid(OWN, OWN, OWN) || hold(held(), KILL | CHANGE))
        _exit(9);
    own = OWN;
}

void act_as_agent(int yes)
{
    if (!privileged)
        return;
    setfsgid(yes ? agent.gid : own);
    setfsuid(yes ? agent.uid : own);    /* to root and back, the kernel gives and takes the capabilities for files by itself */
    if (setfsuid((uid_t)-1) != (int)(yes ? agent.uid : own))
        _exit(9);
}

/* The files of a process that can't be traced are root's, so root alone may tell the kernel whom to choose. */
static void tell_memory_killer(const char *score)
{
    if (own)
        act_as_agent(1);
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, score, strlen(score)) >= 0)
        close(fd);
    if (own)
        act_as_agent(0);
}

/* Commands of root's can name the warden as the kernel's first choice; it takes its name back. */
void stay_alive(void)
{
    if (own)
        tell_memory_killer("0");
}

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define JUMP(value, steps) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, steps, 0)
#define END(action) BPF_STMT(BPF_RET | BPF_K, action)

/* A root with SETUID could become the warden's uid, and by that signal it: the calls that do so are refused that one number. */
static int forbid_own_uid(void)
{
    static struct sock_filter steps[] = {
        LOAD(arch), JUMP(AUDIT_ARCH_X86_64, 4), JUMP(AUDIT_ARCH_AARCH64, 10), JUMP(AUDIT_ARCH_I386, 15), JUMP(AUDIT_ARCH_ARM, 14),
        END(SECCOMP_RET_ALLOW),
        /* x86-64 and its x32 form: setuid, setreuid, setresuid, setfsuid */
        LOAD(nr), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xbfffffff), JUMP(105, 20), JUMP(113, 19), JUMP(117, 18), JUMP(122, 17),
        END(SECCOMP_RET_ALLOW),
        /* arm64 */
        LOAD(nr), JUMP(146, 14), JUMP(145, 13), JUMP(147, 12), JUMP(151, 11), END(SECCOMP_RET_ALLOW),
        /* both 32-bit forms; their older calls cut a uid to 16 bits, so that it can't be told from its number */
        LOAD(nr), JUMP(213, 8), JUMP(203, 7), JUMP(208, 6), JUMP(215, 5), JUMP(23, 11), JUMP(70, 10), JUMP(164, 9), JUMP(138, 8),
        END(SECCOMP_RET_ALLOW),
        LOAD(args[0]), JUMP(OWN, 5), LOAD(args[1]), JUMP(OWN, 3), LOAD(args[2]), JUMP(OWN, 1),
        END(SECCOMP_RET_ALLOW), END(SECCOMP_RET_ERRNO | EPERM),
    };
    struct sock_fprog program = {.len = sizeof steps / sizeof *steps, .filter = steps};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* On the command's side of the fork, for good. */
void drop_rights(void)
{
    tell_memory_killer("500");           /* the kernel is to choose the command, never the warden */
    setpriority(PRIO_PROCESS, 0, 10);    /* under a fork bomb the warden must get the processor */
    setsid();
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    if (!privileged)
        return;
    if (setgroups((size_t)agent.count, agent.groups) || setresgid(agent.gid, agent.gid, agent.gid)
        || setresuid(agent.uid, agent.uid, agent.uid))
        _exit(125);
    /* KILL would reach the supervisors; under no-new-privileges it does not come back with an exec. */
    if (own && (hold(held() & ~(uint32_t)KILL, held() & ~(uint32_t)KILL) || forbid_own_uid()))
        _exit(125);
}

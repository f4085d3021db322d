/* What the warden's files share. The warden is PID 1 of a container: it starts commands, ends them, and looks at files.
 *
 * Frame, both ways, little-endian: u32 payload length, u8 type, u32 id, payload. Text is u32 length, bytes, NUL.
 * In:  R run  C cancel  K end all  T tree  G get  W write  D delete
 * Out: H hello  O stdout  E stderr  V state  X exit  I tree items  K T G W D answers  F failure (u32 errno) */
#ifndef WARDEN_H
#define WARDEN_H
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { VERSION = 2, GROUPS = 32, CHUNK = 65536, MAX_FRAME = 80 << 20, STATE_FD = 200 };

/* A payload being read: `bad` is set once it was shorter than what was asked of it, and gives zeros from then on. */
struct cursor { unsigned char *at, *end; int bad; };
uint32_t take32(struct cursor *c);
uint64_t take64(struct cursor *c);
char *take_text(struct cursor *c);                 /* in place, as long as the frame; one that holds a NUL is bad */

struct frame { int type; uint32_t id; unsigned char *data; struct cursor payload; };
void receive(struct frame *f);                     /* ends the warden when the harness is gone */
void begin(int type, uint32_t id);
void put(const void *data, size_t size);
void put32(uint32_t value);
void put64(uint64_t value);
void put_text(const char *text);
void patch32(size_t at, uint32_t value);
ssize_t put_file(int fd, size_t limit);            /* appends the file as far as the limit; tells how much, or -1 */
size_t frame_size(void);
void send_frame(void);
void answer(int type, uint32_t id, int error);     /* an empty answer, or the failure */
void *need(void *memory);                          /* ends the warden when there is no memory */

struct account { uid_t uid; gid_t gid, groups[GROUPS]; int count; };
extern struct account agent;
void know_agent(char **words);                     /* once, before anything else: takes the warden's own rights as well */
void act_as_agent(int yes);                        /* file access by the agent's rights */
void drop_rights(void);                            /* a forked process becomes the agent's */
void stay_alive(void);
uint64_t now_us(void);

struct request { uint32_t flags; char *cwd, **argv, **env; };
enum { KEEP_STATE = 1, MERGE = 2, ADD = 4 };       /* fd STATE_FD tells the state; stderr goes to stdout; env is added to ours */
enum { OUT, ERR, STATE, STATUS, ENDS, IN = ENDS };
void supervise(const struct request *r, const int fds[ENDS + 1]);
int kill_tree(pid_t root);                         /* ends what descends from root, or all orphans for root 1; counts the ended */
int end_all(void);                                 /* ends everything but the warden; counts what is left */
int count_alive(void);

struct stream { int type; uint32_t head, tail; uint64_t passed, total; unsigned char *ring; };
void keep(struct stream *s, uint32_t id, const unsigned char *p, size_t size);
void flush_tail(struct stream *s, uint32_t id);
void run(uint32_t id, struct cursor *c);
void cancel(uint32_t id);
int watch(void);                                   /* waits, serves the commands; true when the harness has sent something */
int is_supervisor(pid_t pid);
void reap(void);

int write_all(int fd, const unsigned char *p, size_t size);
void get_file(uint32_t id, struct cursor *c);
void write_file(uint32_t id, struct cursor *c);
void delete_path(uint32_t id, struct cursor *c);
void tree(uint32_t id, struct cursor *c);
#endif

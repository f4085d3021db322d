/* What the warden's files share. The warden is PID 1 of a container: it starts commands, ends them, and looks at files.
 *
 * Frame, both ways, little-endian: u32 payload length, u8 type, u32 id, payload. Text is u32 length and bytes.
 * In:  R run  C cancel  K end all  P ping  T tree  G get  W write  D delete
 * Out: H hello  O stdout  E stderr  V state  X exit  I tree items  Z tree end  K P G W D answers  F failure (u32 errno) */
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
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { VERSION = 1, AGENT = 1000, CHUNK = 65536, MAX_FRAME = 80 << 20, STATE_FD = 200, PROCESSES = 65536 };

/* A payload being read: `bad` is set once it was shorter than what was asked of it, and gives zeros from then on. */
struct cursor { const unsigned char *at, *end; int bad; };
uint32_t take32(struct cursor *c);
uint64_t take64(struct cursor *c);
char *take_text(struct cursor *c);                 /* a new, terminated string; holding a NUL is bad */

struct frame { int type; uint32_t id; unsigned char *data; size_t size; };
void receive(struct frame *f);                     /* ends the warden when the harness is gone */
void begin(int type, uint32_t id);
void put(const void *data, size_t size);
void put32(uint32_t value);
void put64(uint64_t value);
void send_frame(void);
void fail(uint32_t id, int error);
void *need(void *memory);                          /* ends the warden when there is no memory */

extern int privileged;                             /* uid 0 with KILL, SETUID, SETGID; else the labelled fallback */
void act_as_agent(int yes);                        /* file access by the agent's rights */
uint64_t now_us(void);
long memory_kills(void);                           /* of this container so far; -1 where the kernel does not tell */

int kill_tree(pid_t root);                         /* ends what descends from root, or all orphans for root 1; counts the ended */
int end_all(void);                                 /* ends everything but the warden; counts what is left */
int count_alive(void);

enum { KEEP_STATE = 1, MERGE = 2, ADD = 4 };         /* fd STATE_FD tells the state; stderr goes to stdout; env is added to ours */
struct request { uint32_t flags; char *cwd, **argv, **env; };
struct report { int32_t error, status; int64_t user_us, system_us; };
void supervise(const struct request *r, const int fds[4], int status);
struct stream { int type; uint32_t head, tail; uint64_t passed, total; unsigned char *ring; };
void keep(struct stream *s, uint32_t id, const unsigned char *p, size_t size);
void flush_tail(struct stream *s, uint32_t id);
void run(uint32_t id, struct cursor *c);
void cancel(uint32_t id);
int watch(void);                                   /* waits, serves the commands; true when the harness has sent something */
int is_supervisor(pid_t pid);
void reap(void);

void tree(uint32_t id, struct cursor *c);
void get_file(uint32_t id, struct cursor *c);
void write_file(uint32_t id, struct cursor *c);
void delete_path(uint32_t id, struct cursor *c);

struct sha256 { uint32_t h[8]; uint64_t size; unsigned char block[64]; };
void sha256_begin(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, size_t size);
void sha256_end(struct sha256 *s, unsigned char digest[32]);
#endif

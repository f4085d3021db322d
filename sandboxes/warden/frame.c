/* Frames over the container's own stdin and stdout. */
#include "warden.h"

enum { HEAD = 9 };
static struct { unsigned char *data; size_t used, room; } out;

void *need(void *memory)
{
    if (!memory)
        _exit(12);
    return memory;
}

static unsigned char *take(struct cursor *c, size_t size)
{
    if (c->bad || (size_t)(c->end - c->at) < size) {
        c->bad = 1;
        return NULL;
    }
    c->at += size;
    return c->at - size;
}

uint32_t take32(struct cursor *c)
{
    uint32_t value = 0;
    const unsigned char *p = take(c, sizeof value);
    if (p)
        memcpy(&value, p, sizeof value);
    return value;
}

uint64_t take64(struct cursor *c)
{
    uint64_t low = take32(c);
    return low | (uint64_t)take32(c) << 32;
}

char *take_text(struct cursor *c)
{
    static char none[1];
    size_t size = take32(c);
    char *text = (char *)take(c, size + 1);
    if (!text || strnlen(text, size + 1) != size)
        c->bad = 1;
    return c->bad ? none : text;
}

/* The harness writes whole frames at once, so waiting for the rest of one holds nothing up. */
static void read_all(unsigned char *p, size_t size)
{
    while (size > 0) {
        ssize_t n = read(0, p, size);
        if (n == 0 || (n < 0 && errno != EINTR))
            _exit(0);
        if (n > 0) {
            p += n;
            size -= (size_t)n;
        }
    }
}

void receive(struct frame *f)
{
    unsigned char head[HEAD];
    struct cursor c = {head, head + HEAD, 0};
    read_all(head, HEAD);
    uint32_t size = take32(&c);
    f->type = *take(&c, 1);
    f->id = take32(&c);
    if (size > MAX_FRAME)
        _exit(3);
    f->data = need(malloc(size + 1));
    f->payload = (struct cursor){f->data, f->data + size, 0};
    read_all(f->data, size);
}

/* Room for so many bytes more, at the end of what was put. */
static unsigned char *reserve(size_t size)
{
    if (out.used + size > out.room) {
        out.room = 2 * (out.used + size);
        out.data = need(realloc(out.data, out.room));
    }
    return out.data + out.used;
}

void put(const void *data, size_t size)
{
    memcpy(reserve(size), data, size);
    out.used += size;
}

void put32(uint32_t value) { put(&value, sizeof value); }
void put64(uint64_t value) { put(&value, sizeof value); }
void patch32(size_t at, uint32_t value) { memcpy(out.data + at, &value, sizeof value); }
size_t frame_size(void) { return out.used; }

void put_text(const char *text)
{
    put32((uint32_t)strlen(text));
    put(text, strlen(text) + 1);
}

ssize_t put_file(int fd, size_t limit)
{
    size_t begun = out.used;
    ssize_t n = 1;
    while (n > 0 && limit > 0) {
        n = read(fd, reserve(CHUNK), limit < CHUNK ? limit : CHUNK);
        out.used += n > 0 ? (size_t)n : 0;
        limit -= n > 0 ? (size_t)n : 0;
    }
    if (n < 0)
        out.used = begun;
    return n < 0 ? -1 : (ssize_t)(out.used - begun);
}

void begin(int type, uint32_t id)
{
    out.used = 0;
    put32(0);
    put(&(unsigned char){(unsigned char)type}, 1);
    put32(id);
}

/* Waits until the stream takes more, and ends with the harness: a blocked writer would otherwise outlive it. */
static void wait_writable(void)
{
    struct pollfd ends[2] = {{.fd = 1, .events = POLLOUT}, {.fd = 0}};
    poll(ends, 2, -1);
    if ((ends[0].revents & (POLLERR | POLLNVAL)) || (ends[1].revents & (POLLHUP | POLLERR)))
        _exit(0);
}

void send_frame(void)
{
    patch32(0, (uint32_t)(out.used - HEAD));
    for (size_t at = 0; at < out.used;) {
        ssize_t n = write(1, out.data + at, out.used - at);
        if (n > 0)
            at += (size_t)n;
        else if (n < 0 && errno == EAGAIN)
            wait_writable();
        else if (n < 0 && errno != EINTR)
            _exit(0);
    }
}

void answer(int type, uint32_t id, int error)
{
    begin(error ? 'F' : type, id);
    if (error)
        put32((uint32_t)error);
    send_frame();
}

/* Frames over the container's own stdin and stdout. */
#include "warden.h"

static struct { unsigned char *data; size_t used, room; } out;

void *need(void *memory)
{
    if (!memory)
        _exit(12);
    return memory;
}

static const unsigned char *take(struct cursor *c, size_t size)
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
    return p ? (memcpy(&value, p, sizeof value), value) : 0;
}

uint64_t take64(struct cursor *c)
{
    uint64_t low = take32(c);
    return low | (uint64_t)take32(c) << 32;
}

char *take_text(struct cursor *c)
{
    uint32_t size = take32(c);
    const unsigned char *p = take(c, size);
    char *text = need(calloc(1, p ? (size_t)size + 1 : 1));
    if (p && memchr(p, 0, size))
        c->bad = 1;
    else if (p)
        memcpy(text, p, size);
    return text;
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
    unsigned char head[9];
    struct cursor c = {head, head + sizeof head, 0};
    read_all(head, sizeof head);
    f->size = take32(&c);
    f->type = *c.at++;
    f->id = take32(&c);
    if (f->size > MAX_FRAME)
        _exit(3);
    f->data = need(malloc(f->size + 1));
    read_all(f->data, f->size);
}

void put(const void *data, size_t size)
{
    if (out.used + size > out.room) {
        out.room = 2 * (out.used + size);
        out.data = need(realloc(out.data, out.room));
    }
    memcpy(out.data + out.used, data, size);
    out.used += size;
}

void put32(uint32_t value) { put(&value, sizeof value); }
void put64(uint64_t value) { put(&value, sizeof value); }

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
    uint32_t size = (uint32_t)(out.used - 9);
    memcpy(out.data, &size, sizeof size);
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

void fail(uint32_t id, int error)
{
    begin('F', id);
    put32((uint32_t)error);
    send_frame();
}

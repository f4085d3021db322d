/* One output stream of a command. */
#include "warden.h"

/* The head goes on its way at once, of the rest a ring keeps the tail, all of it is counted. */
void keep(struct stream *s, uint32_t id, const unsigned char *p, size_t size)
{
    size_t head = s->passed < s->head ? s->head - s->passed : 0;
    head = head < size ? head : size;
    if (head) {
        begin(s->type, id);
        put(p, head);
        send_frame();
    }
    s->passed += head;
    if (s->tail && head < size && !s->ring)
        s->ring = need(malloc(s->tail));
    for (size_t at = head; s->tail && at < size;) {
        size_t place = (s->total + at - s->head) % s->tail, n = s->tail - place;
        n = n < size - at ? n : size - at;
        memcpy(s->ring + place, p + at, n);
        at += n;
    }
    s->total += size;
}

void flush_tail(struct stream *s, uint32_t id)
{
    uint64_t held = s->total - s->passed;
    if (s->ring) {
        size_t place = held > s->tail ? held % s->tail : 0, n = held > s->tail ? s->tail : (size_t)held;
        begin(s->type, id);
        put(s->ring + place, n - place);
        put(s->ring, place);
        send_frame();
    }
    free(s->ring);
    s->ring = NULL;
}

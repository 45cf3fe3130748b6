/* The hub: the last events in a ring, each one text shared by all streams. */
#include "serve/http/http_internal.h"

#include <zlib.h>

#include "base/thread.h"

#define TOPICS 32
#define TOPIC_NAME 24

struct ss_hub {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct ss_event **ring; /* event with id `first + i` is at (at + i) % cap */
	size_t cap, at, count;
	size_t bytes, max_bytes;
	uint64_t base;  /* ids of this hub are above it */
	uint64_t last;  /* newest id given */
	uint64_t kicks; /* for ss_hub_kick */
	char names[TOPICS][TOPIC_NAME];
	uint64_t newest[TOPICS],
	    lost[TOPICS]; /* newest id of the topic; newest that left the ring */
	int listeners[TOPICS];
	int n_topics;
};

int ss_hub_new(size_t ring_bytes, struct ss_hub **ret)
{
	struct ss_hub *h = calloc(1, sizeof(*h));

	if (!h)
		return SS_ENOMEM;
	h->max_bytes = ring_bytes;
	h->cap = ring_bytes / 128 + 16;
	h->ring = calloc(h->cap, sizeof(struct ss_event *));
	if (!h->ring) {
		free(h);
		return SS_ENOMEM;
	}
	pthread_mutex_init(&h->lock, NULL);
	ss_cond_init(&h->more);
	/* By the clock, so that an id of an earlier run is never mistaken for one of this run;
	 * below 2^53, so that scripts can hold it. */
	h->base = h->last = (uint64_t)ss_time_now();
	*ret = h;
	return 0;
}

void ss_event_unref(struct ss_event *e)
{
	if (!e || atomic_fetch_sub(&e->refs, 1) != 1)
		return;
	free(atomic_load(&e->packed));
	free(e);
}

static struct ss_packed *pack(const char *text, size_t n)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)text, .avail_in = (uInt)n};
	struct ss_packed *p = NULL;
	size_t most;

	if (n > UINT32_MAX / 2 ||
	    deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return NULL;
	most = deflateBound(&z, (uLong)n) + 16; /* and the mark of the flush */
	p = malloc(sizeof(*p) + most);
	if (p) {
		z.next_out = p->bytes;
		z.avail_out = (uInt)most;
		deflate(&z, Z_FULL_FLUSH);
		p->n = most - z.avail_out;
	}
	deflateEnd(&z);
	return p;
}

struct ss_str ss_event_packed(struct ss_event *e)
{
	struct ss_packed *p = atomic_load(&e->packed), *was = NULL;

	if (!p) {
		p = pack(e->text, e->n);
		if (p && !atomic_compare_exchange_strong(&e->packed, &was, p)) {
			free(p); /* another thread was as quick */
			p = was;
		}
	}
	return p ? ss_str_n((const char *)p->bytes, p->n) : (struct ss_str){0};
}

static void drop_oldest(struct ss_hub *h)
{
	struct ss_event *e = h->ring[h->at];

	h->lost[__builtin_ctz(e->topic)] = e->id;
	h->at = (h->at + 1) % h->cap;
	h->count--;
	h->bytes -= e->n;
	ss_event_unref(e);
}

void ss_hub_free(struct ss_hub *h)
{
	if (!h)
		return;
	while (h->count)
		drop_oldest(h);
	free(h->ring);
	pthread_cond_destroy(&h->more);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

/* Index of the topic, made when new; -1 when there are too many. */
static int topic_of(struct ss_hub *h, struct ss_str name)
{
	for (int i = 0; i < h->n_topics; i++) {
		if (ss_str_is(name, h->names[i]))
			return i;
	}
	if (h->n_topics == TOPICS || name.n == 0 || name.n >= TOPIC_NAME)
		return -1;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
			return -1;
	}
	ss_str_copy(h->names[h->n_topics], TOPIC_NAME, name);
	return h->n_topics++;
}

/* The number behind "site": in the data; 0 when there is none. Only topics whose data are of one
 * site
 * ("frame") are asked for it. */
static int64_t site_of(struct ss_str data)
{
	ptrdiff_t at = ss_str_find(data, SS_STR("\"site\":"));
	int64_t v = 0;
	size_t n = 0;
	struct ss_str rest;

	if (at < 0)
		return 0;
	rest = ss_str_n(data.p + at + 7, data.n - (size_t)at - 7);
	while (n < rest.n && rest.p[n] >= '0' && rest.p[n] <= '9')
		n++;
	return ss_parse_i64(ss_str_n(rest.p, n), &v) < 0 ? 0 : v;
}

static struct ss_event *event_new(uint64_t id, const char *topic, struct ss_str data)
{
	char head[96];
	int head_n = snprintf(head, sizeof(head),
			      "id: %llu\nevent: %s\ndata: ", (unsigned long long)id, topic);
	size_t n = (size_t)head_n + data.n + 2;
	struct ss_event *e = malloc(sizeof(*e) + n);
	char *p;

	if (!e)
		return NULL;
	atomic_init(&e->refs, 1);
	atomic_init(&e->packed, NULL);
	e->id = id;
	e->n = n;
	memcpy(e->text, head, (size_t)head_n);
	p = e->text + head_n;
	/* A line break ends a data line; in JSON it only ever stands between tokens. */
	for (size_t i = 0; i < data.n; i++)
		p[i] = data.p[i] == '\n' || data.p[i] == '\r' ? ' ' : data.p[i];
	memcpy(p + data.n, "\n\n", 2);
	return e;
}

int ss_hub_publish(struct ss_hub *h, const char *topic, struct ss_str data)
{
	struct ss_event *e;
	int t;

	SS_LOCKED(&h->lock);
	t = topic_of(h, ss_str_of(topic));
	if (t < 0)
		return SS_EINVAL;
	e = event_new(h->last + 1, topic, data);
	if (!e)
		return SS_ENOMEM;
	e->topic = 1u << t;
	e->site = strcmp(topic, "frame") == 0 ? site_of(data) : 0;
	/* One too large for the ring is kept alone, until the next. */
	while (h->count && (h->count == h->cap || h->bytes + e->n > h->max_bytes))
		drop_oldest(h);
	h->ring[(h->at + h->count) % h->cap] = e;
	h->count++;
	h->bytes += e->n;
	h->last = e->id;
	h->newest[t] = e->id;
	pthread_cond_broadcast(&h->more);
	return 0;
}

bool ss_hub_has_listeners(const struct ss_hub *hub, const char *topic)
{
	struct ss_hub *h =
	    (struct ss_hub *)(uintptr_t)hub; /* the lock is no part of what is promised const */
	bool any = false;

	SS_LOCKED(&h->lock);
	for (int i = 0; i < h->n_topics; i++) {
		if (strcmp(h->names[i], topic) == 0)
			any = h->listeners[i] > 0;
	}
	return any;
}

uint64_t ss_hub_last_id(const struct ss_hub *hub)
{
	struct ss_hub *h = (struct ss_hub *)(uintptr_t)hub;

	SS_LOCKED(&h->lock);
	return h->last;
}

bool ss_hub_knows(struct ss_hub *h, uint64_t id)
{
	SS_LOCKED(&h->lock);
	return id >= h->base && id <= h->last;
}

uint32_t ss_hub_mask(struct ss_hub *h, struct ss_str topics)
{
	struct ss_str part;
	uint32_t mask = 0;

	SS_LOCKED(&h->lock);
	while (ss_str_split(&topics, ',', &part)) {
		int t = topic_of(h, part);

		if (t < 0)
			return 0;
		mask |= 1u << t;
	}
	return mask;
}

void ss_hub_listen(struct ss_hub *h, uint32_t mask, int by)
{
	SS_LOCKED(&h->lock);
	for (int i = 0; i < TOPICS; i++) {
		if (mask & (1u << i))
			h->listeners[i] += by;
	}
}

static bool lost_any(const struct ss_hub *h, uint32_t mask, uint64_t cursor)
{
	for (int i = 0; i < h->n_topics; i++) {
		if ((mask & (1u << i)) && h->lost[i] >= cursor)
			return true;
	}
	return false;
}

struct ss_event *ss_hub_next(struct ss_hub *h, uint64_t *cursor, uint32_t mask, int64_t site,
			     bool *ret_reset)
{
	uint64_t oldest;

	*ret_reset = false;
	SS_LOCKED(&h->lock);
	if (lost_any(h, mask, *cursor)) {
		*ret_reset = true;
		*cursor = h->last + 1;
		return NULL;
	}
	oldest = h->last - h->count + 1;
	if (*cursor < oldest)
		*cursor = oldest;
	for (; *cursor <= h->last; (*cursor)++) {
		struct ss_event *e = h->ring[(h->at + (size_t)(*cursor - oldest)) % h->cap];

		if (!(e->topic & mask) || (site && e->site && e->site != site))
			continue;
		atomic_fetch_add(&e->refs, 1);
		(*cursor)++;
		return e;
	}
	return NULL;
}

void ss_hub_wait(struct ss_hub *h, uint64_t seen, int64_t until_us, struct ss_hub_view *ret)
{
	uint64_t kicks;

	SS_LOCKED(&h->lock);
	kicks = h->kicks;
	while (h->last <= seen && h->kicks == kicks) {
		if (!ss_cond_wait_until(&h->more, &h->lock, until_us))
			break;
	}
	memcpy(ret->last, h->newest, sizeof(ret->last));
	ret->last_id = h->last;
}

void ss_hub_kick(struct ss_hub *h)
{
	SS_LOCKED(&h->lock);
	h->kicks++;
	pthread_cond_broadcast(&h->more);
}

/* To each peer, now and then: what it has not got yet. */
#include <fcntl.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "base/os.h"
#include "base/thread.h"
#include "links_internal.h"

#define WHOLE_US (30 * SS_US_PER_SEC)

struct tips {
	int fd;
	int64_t size;
};

/* The last line may be being written just now: it comes the next time. */
static void open_tips(const struct ss_links *l, struct tips t[SSL_KINDS])
{
	char path[SSL_PATH];

	for (int i = 0; i < SSL_KINDS; i++) {
		snprintf(path, sizeof(path), "%.900s/%s", l->s.data, ss_link_kinds[i].file);
		t[i].fd = ss_os()->open(path, O_RDONLY, 0);
		t[i].size = t[i].fd < 0 ? 0 : ss_os()->size(t[i].fd) / SS_TIP_LINE * SS_TIP_LINE;
	}
}

static int greet(struct ss_links *l, struct ss_channel *c, struct ss_error *err)
{
	char journal[SSL_PATH], line[SSL_LINE], *pem = NULL;
	struct ss_epoch epoch = {0};
	uint8_t node[16];
	int n, r;

	snprintf(journal, sizeof(journal), "%.900s/journal", l->s.data);
	r = ss_journal_epoch(journal, &epoch);
	if (r == 0)
		r = ss_journal_node(l->journal, &pem, node);
	if (r < 0)
		return r;
	n = ss_link_hello_put(line, &(struct ss_link_hello){epoch.number, strlen(pem)});
	r = ss_channel_put(c, line, (size_t)n, err);
	if (r == 0)
		r = ss_channel_put(c, pem, strlen(pem), err);
	free(pem);
	return r;
}

/* "WORD n n last last": what the peer has; or "NO why". */
static int hear(struct ss_channel *c, const char *word, struct ss_link_kept *ret,
		struct ss_error *err)
{
	char line[SSL_LINE];
	int r = ss_channel_line(c, line, sizeof(line), err);

	if (r < 0)
		return r;
	if (ss_str_starts(ss_str_of(line), SS_STR("NO ")))
		return ss_error_set(err, SS_EDENIED, "%s 不收：%s；does not take them: %s", c->peer,
				    line + 3, line + 3);
	r = ss_link_kept_read(ss_str_of(line), word, ret);
	return r < 0 ? ss_error_set(err, r, "%s 的答复读不懂；its answer cannot be read", c->peer)
		     : 0;
}

/* Its last line must be ours too: else the past was written anew here, or the node was put back
 * from a backup without a new epoch. */
static int goes_on(const struct ss_channel *c, const struct tips *t, int64_t at,
		   const uint8_t last[32], struct ss_error *err)
{
	char line[SS_TIP_LINE];
	uint8_t ours[32];

	if (at == 0)
		return 0;
	if (at <= t->size &&
	    ss_os()->pread(t->fd, line, sizeof(line), at - SS_TIP_LINE) == SS_TIP_LINE &&
	    ss_sm3(line, sizeof(line), ours) == 0 && ss_same_bytes(ours, last, 32))
		return 0;
	return ss_error_set(
	    err, SS_ECONFLICT,
	    "%s 存有的锚点本节点没有：本节点的记录被改写过、丢了，或从备份恢复而没有换代；keeps "
	    "tips that this "
	    "node has not: records were written anew or lost here, or the node was put back "
	    "without a new "
	    "epoch",
	    c->peer);
}

static int put_kind(struct ss_channel *c, int kind, const struct tips *t,
		    const struct ss_link_kept *k, struct ss_error *err)
{
	const int64_t most = SSL_LINES * SS_TIP_LINE;
	char *block = malloc((size_t)most), head[SSL_LINE];
	int64_t at = k->n[kind];
	int r = block ? goes_on(c, t, at, k->last[kind], err) : SS_ENOMEM;

	while (r == 0 && at < t->size) {
		int64_t n = t->size - at < most ? t->size - at : most;

		n = ss_os()->pread(t->fd, block, (size_t)n, at);
		if (n <= 0 || n % SS_TIP_LINE) {
			r = SS_EIO;
			break;
		}
		ss_link_block_put(head, &(struct ss_link_block){kind, at, (size_t)n});
		r = ss_channel_put(c, head, strlen(head), err);
		if (r == 0)
			r = ss_channel_put(c, block, (size_t)n, err);
		at += n;
	}
	free(block);
	return r;
}

static int talk(struct ss_links *l, struct ss_channel *c, struct ss_link_kept *have,
		struct ss_error *err)
{
	struct tips t[SSL_KINDS];
	int r;

	open_tips(l, t);
	r = greet(l, c, err);
	if (r == 0)
		r = hear(c, "HAVE", have, err);
	for (int i = 0; r == 0 && i < SSL_KINDS; i++)
		r = put_kind(c, i, &t[i], have, err);
	if (r == 0)
		r = ss_channel_put(c, "END\n", 4, err);
	if (r == 0)
		r = hear(c, "OK", have, err);
	for (int i = 0; i < SSL_KINDS; i++)
		if (t[i].fd >= 0)
			ss_os()->close(t[i].fd);
	return r;
}

static void send_to(struct ss_links *l, const char *name, const char *address)
{
	struct ss_channel c = {.fd = -1, .until_us = ss_time_mono() + WHOLE_US};
	struct ss_link_kept have = {0};
	struct ss_error err = {0};
	struct ss_link_peer *p;
	int fd = -1, r = ss_channel_connect(address, &fd, &err);

	if (r == 0)
		r = ss_channel_open(&c, &l->s, fd, false, name, &err);
	if (r == 0) {
		r = talk(l, &c, &have, &err);
		ss_channel_close(&c);
	}
	if (r < 0 && !err.code)
		ss_error_set(&err, r, "%s：%s；%s", name, ss_err_zh(r), ss_err_en(r));
	ss_link_told(l, name, true, r < 0 ? &err : NULL);
	SS_LOCKED(&l->lock);
	p = ss_link_peer(l, name, true);
	if (p && r == 0)
		memcpy(p->kept, have.n, sizeof(have.n));
}

void *ss_link_send(void *arg)
{
	struct ss_links *l = arg;

	while (!ss_link_stopping(l)) {
		/* Names and addresses are fixed once it runs. */
		for (size_t i = 0; i < l->n && !ss_link_stopping(l); i++)
			if (l->peer[i].out)
				send_to(l, l->peer[i].name, l->peer[i].address);
		pthread_mutex_lock(&l->lock);
		if (!l->stopping)
			ss_cond_wait_until(&l->wake, &l->lock, ss_time_mono() + l->s.every_us);
		pthread_mutex_unlock(&l->lock);
	}
	return NULL;
}

/* From peers: who it is is proven by its certificate, what it sends by its own signatures. Kept in
 * KEEP/NAME/epoch-N, which can be given to `journal verify --copy` and `audit verify --copy`. */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/os.h"
#include "base/thread.h"
#include "links_internal.h"

#define WHOLE_US (30 * SS_US_PER_SEC)
#define LOOK_MS 200

struct guest {
	struct ss_links *l;
	struct ss_channel c;
	char name[SSL_NAME], pem[SSL_PEM_MOST + 1], dir[SSL_PATH];
	size_t pem_n;
	uint8_t node[16];
	int64_t epoch;
	struct ss_link_kept have;
};

static int odd(const struct guest *g, struct ss_error *err)
{
	return ss_error_set(err, SS_EPARSE, "%s 说的读不懂；speaks what cannot be read", g->name);
}

/* Asked after the greeting was heard, so that the refusal is heard too. */
static int known(struct guest *g, struct ss_error *err)
{
	SS_LOCKED(&g->l->lock);

	if (ss_link_peer(g->l, g->name, false))
		return 0;
	return ss_error_set(err, SS_EDENIED,
			    "%s 不在可以送来的节点里（link.from）；is not among the nodes that may "
			    "send (link.from)",
			    g->name);
}

static int greeting(struct guest *g, struct ss_error *err)
{
	char line[80];
	struct ss_link_hello h;
	int r = ss_channel_line(&g->c, line, sizeof(line), err);

	if (r < 0)
		return r;
	if (ss_link_hello_read(ss_str_of(line), &h) < 0)
		return odd(g, err);
	g->epoch = h.epoch;
	g->pem_n = h.pem_n;
	r = ss_channel_get(&g->c, g->pem, g->pem_n, err);
	ss_tip_node(ss_str_n(g->pem, g->pem_n), g->node);
	return r;
}

/* A name stands for one node for good: another key under it is another node. */
static int same_node(struct guest *g, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(100);
	char path[SSL_PATH + 8], id[33];
	int r;

	snprintf(path, sizeof(path), "%.700s/%s", g->l->keep, g->name);
	r = ss_mkdirs(path, 0750);
	snprintf(path, sizeof(path), "%.700s/%s/node", g->l->keep, g->name);
	ss_hex_encode(id, g->node, 16);
	id[32] = 0;
	if (r == 0)
		r = ss_file_read(path, &b);
	if (r == SS_ENOTFOUND)
		return ss_file_write_atomic(path, id, 32, 0644);
	if (r == 0 && !ss_str_is(ss_str_trim(ss_buf_str(&b)), id))
		r = ss_error_set(
		    err, SS_EDENIED,
		    "%s 的节点密钥换了（原是 %.*s）；the node's key is another than before",
		    g->name, 32, b.p);
	return r;
}

/* The highest epoch that is kept of it. */
static int64_t latest(const struct guest *g)
{
	char path[SSL_PATH];
	int64_t best = 0, v;
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "%.700s/%s", g->l->keep, g->name);
	d = opendir(path);
	while (d && (e = readdir(d)))
		if (strncmp(e->d_name, "epoch-", 6) == 0 &&
		    ss_parse_i64(ss_str_of(e->d_name + 6), &v) == 0 && v > best)
			best = v;
	if (d)
		closedir(d);
	return best;
}

static int place(struct guest *g, struct ss_error *err)
{
	int64_t had;
	int r = same_node(g, err);

	if (r < 0)
		return r;
	had = latest(g);
	if (g->epoch < had)
		return ss_error_set(err, SS_EDENIED,
				    "%s 是第 %lld 代，这里已有第 %lld 代：旧的副本被启动了；is of "
				    "epoch %lld, %lld is "
				    "known here: an old copy was started",
				    g->name, (long long)g->epoch, (long long)had,
				    (long long)g->epoch, (long long)had);
	if (g->epoch > had)
		ss_log_warn("links", "对方从备份恢复过 the peer was restored from a backup",
			    "peer=%s epoch=%lld", g->name, (long long)g->epoch);
	snprintf(g->dir, sizeof(g->dir), "%.700s/%s/epoch-%lld", g->l->keep, g->name,
		 (long long)g->epoch);
	for (int i = 0; i < SSL_KINDS; i++) {
		int64_t n =
		    ss_tip_copy_size(g->dir, ss_link_kinds[i].name, g->node, g->have.last[i]);

		if (n < 0)
			return (int)n;
		g->have.n[i] = n;
	}
	return 0;
}

static int say(struct guest *g, const char *word, struct ss_error *err)
{
	char line[SSL_LINE];
	int n = ss_link_kept_put(line, word, &g->have);

	return ss_channel_put(&g->c, line, (size_t)n, err);
}

/* 1: more may come. */
static int take(struct guest *g, char *block, struct ss_error *err)
{
	struct ss_tip_source s = {.pem = ss_str_n(g->pem, g->pem_n)};
	char line[80];
	struct ss_link_block b;
	int r = ss_channel_line(&g->c, line, sizeof(line), err);

	if (r < 0)
		return r;
	if (strcmp(line, "END") == 0)
		return 0;
	if (ss_link_block_read(ss_str_of(line), &b) < 0)
		return odd(g, err);
	r = ss_channel_get(&g->c, block, b.n, err);
	if (r < 0)
		return r;
	s.name = ss_link_kinds[b.kind].name;
	s.magic = ss_link_kinds[b.kind].magic;
	r = ss_tip_copy_append(g->dir, &s, b.at, ss_str_n(block, b.n), err);
	if (r == SS_ECORRUPT) {
		ss_error_prefix(err,
				"%s 的%s锚点不认，它的记录与存在这里的不是同一条链 its tips are "
				"not of the chain kept "
				"here: ",
				g->name, b.kind ? "审计" : "日志");
		err->code = r = SS_EDENIED;
	}
	g->have.n[b.kind] += r < 0 ? 0 : (int64_t)b.n;
	return r < 0 ? r : 1;
}

static int take_all(struct guest *g, struct ss_error *err)
{
	char *block = malloc(SSL_LINES * SS_TIP_LINE);
	int r = block ? place(g, err) : SS_ENOMEM;

	if (r == 0)
		r = say(g, "HAVE", err);
	if (r == 0)
		do
			r = take(g, block, err);
		while (r > 0);
	free(block);
	return r;
}

/* Why not, as far as it can still be said. */
static void refuse(struct guest *g, const struct ss_error *err)
{
	char line[SSL_LINE];
	int n = ss_link_refusal_put(line, err->text);

	ss_channel_put(&g->c, line, (size_t)n, NULL);
}

static void note(struct guest *g)
{
	struct ss_link_peer *p;

	SS_LOCKED(&g->l->lock);
	p = ss_link_peer(g->l, g->name, false);
	if (!p)
		return;
	p->epoch = g->epoch;
	memcpy(p->kept, g->have.n, sizeof(p->kept));
}

static void serve(struct ss_links *l, int fd)
{
	struct guest *g = calloc(1, sizeof(*g));
	struct ss_error err = {0};
	int r;

	if (!g) {
		ss_os()->close(fd);
		return;
	}
	g->l = l;
	g->c = (struct ss_channel){.fd = -1, .until_us = ss_time_mono() + WHOLE_US};
	ss_str_copy(g->name, sizeof(g->name), SS_STR("?"));
	r = ss_channel_open(&g->c, &l->s, fd, true, g->name, &err);
	if (r == 0 && ss_channel_name(&g->c, g->name) < 0)
		r = ss_error_set(&err, SS_EDENIED,
				 "对方证书没有名字；the certificate bears no name");
	if (r == 0) {
		g->c.peer = g->name;
		r = greeting(g, &err);
	}
	if (r == 0)
		r = known(g, &err);
	pthread_mutex_lock(&l->keeping);
	if (r == 0)
		r = take_all(g, &err);
	pthread_mutex_unlock(&l->keeping);
	if (r == 0)
		r = say(g, "OK", &err);
	if (r < 0 && !err.code)
		ss_error_set(&err, r, "%s：%s；%s", g->name, ss_err_zh(r), ss_err_en(r));
	if (r < 0 && g->c.ssl)
		refuse(g, &err);
	note(g);
	ss_link_told(l, g->name, false, r < 0 ? &err : NULL);
	ss_channel_close(&g->c);
	free(g);
}

void *ss_link_receive(void *arg)
{
	struct ss_links *l = arg;

	while (!ss_link_stopping(l)) {
		struct pollfd p = {l->fd, POLLIN, 0};
		int fd;

		if (poll(&p, 1, LOOK_MS) <= 0)
			continue;
		fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0)
			serve(l, fd);
		else if (errno == EMFILE || errno == ENFILE)
			poll(NULL, 0, LOOK_MS); /* no descriptors: not at once again */
	}
	return NULL;
}

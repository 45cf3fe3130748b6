#include "links_internal.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/os.h"
#include "base/thread.h"
#include "record/audit/audit.h"

#define TEXT(name, field, def, zh, en)                                                             \
	SS_OPTION(struct ss_links_settings, STRING, field, name, def, zh, en)

const struct ss_option ss_links_options[] = {
    TEXT("link.listen", listen, "", "在此地址收其他节点的签名锚点，如 0.0.0.0:8445；空为不收",
	 "take the signed tips of other nodes on this address, empty = none"),
    TEXT("link.from", from, "", "可以送来的节点名，逗号分隔",
	 "names of the nodes that may send, comma between"),
    TEXT("link.to", to, "", "把本节点的锚点送到：名字@主机:端口，逗号分隔",
	 "send this node's tips to NAME@HOST:PORT, comma between"),
    TEXT("link.cert", cert, "", "节点证书（P-256，可连签发证书）",
	 "the node's certificate (P-256)"),
    TEXT("link.key", key, "", "节点证书的私钥", "its private key"),
    TEXT("link.ca", ca, "", "信任的机构（GET /api/v1/ca/chain?kind=p256）",
	 "the authority that is trusted"),
    TEXT("link.crl", crl, "", "吊销列表（GET /api/v1/ca/crl?kind=p256）；过期即拒绝",
	 "list of the revoked; refused when out of date"),
    TEXT("link.keep", keep, "", "收到的锚点放在；空为数据目录的 peers",
	 "folder of what is received, empty = peers in the data folder"),
    SS_OPTION(struct ss_links_settings, DURATION, every_us, "link.every", "10s", "多久送一次",
	      "how often tips are sent", .min = SS_US_PER_SEC / 10, .max = SS_US_PER_DAY),
    {0},
};

const struct ss_link_kind ss_link_kinds[SSL_KINDS] = {{"journal", "SSTIP2", "journal/tips"},
						      {"audit", "SSAUD1", "audit.tips"}};

bool ss_link_stopping(struct ss_links *l)
{
	SS_LOCKED(&l->lock);

	return l->stopping;
}

struct ss_link_peer *ss_link_peer(struct ss_links *l, const char *name, bool out)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->peer[i].out == out && strcmp(l->peer[i].name, name) == 0)
			return &l->peer[i];
	return NULL;
}

static void audit(struct ss_links *l, const char *name, const char *why)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(2000);
	struct ss_json j = ss_json_on(&b);

	ss_json_obj(&j);
	ss_json_kz(&j, "why", why);
	ss_json_end_obj(&j);
	if (l->audit)
		ss_audit_note(l->audit, &(struct ss_audit_row){.at_us = ss_time_now(),
							       .actor = SS_STR("job:links"),
							       .via = SS_STR("job"),
							       .action = SS_STR("link.refused"),
							       .target = ss_str_of(name),
							       .outcome = SS_STR("denied"),
							       .detail = ss_buf_str(&b)});
}

void ss_link_told(struct ss_links *l, const char *name, bool out, const struct ss_error *err)
{
	struct ss_link_peer *p;
	bool news = true;

	pthread_mutex_lock(&l->lock);
	p = ss_link_peer(l, name, out);
	if (p) {
		news = p->ok != !err || (err && strcmp(p->why, err->text) != 0);
		p->ok = !err;
		p->tried_us = ss_time_now();
		p->at_us = err ? p->at_us : p->tried_us;
		ss_str_copy(p->why, sizeof(p->why), ss_str_of(err ? err->text : ""));
	}
	if (err && !out) {
		l->refused++;
		ss_str_copy(l->why, sizeof(l->why), ss_str_of(err->text));
	}
	pthread_mutex_unlock(&l->lock);
	if (!news)
		return;
	if (err)
		ss_log_warn("links", "节点链路不通 a link between nodes failed",
			    "peer=%s to_it=%d why=\"%s\"", name, out, err->text);
	else
		ss_log_info("links", "节点链路已通 a link between nodes works", "peer=%s to_it=%d",
			    name, out);
	if (err && err->code == SS_EDENIED)
		audit(l, name, err->text);
}

/* --- opening --- */

/* It becomes the name of a folder, and stands in metrics. */
static bool good_name(struct ss_str name)
{
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      (i > 0 && strchr(".-_", c))))
			return false;
	}
	return name.n > 0;
}

static int add_peer(struct ss_links *l, struct ss_str name, struct ss_str address,
		    struct ss_error *err)
{
	struct ss_link_peer *p = &l->peer[l->n];

	name = ss_str_trim(name);
	if (l->n == SS_ARRAY_LEN(l->peer) || !good_name(name) ||
	    !ss_str_copy(p->name, sizeof(p->name), name) ||
	    !ss_str_copy(p->address, sizeof(p->address), ss_str_trim(address)))
		return ss_error_set(err, SS_EINVAL,
				    "节点名 %.*s 不能用，或节点过多；the node's name cannot be "
				    "used, or too many nodes",
				    SS_STR_ARG(name));
	p->out = address.n > 0;
	l->n++;
	return 0;
}

static int read_peers(struct ss_links *l, struct ss_error *err)
{
	struct ss_str from = ss_str_of(l->s.from), to = ss_str_of(l->s.to), one, name;
	int r = 0;

	while (r == 0 && ss_str_split(&from, ',', &one))
		r = add_peer(l, one, SS_STR(""), err);
	while (r == 0 && ss_str_split(&to, ',', &one)) {
		if (!ss_str_split(&one, '@', &name) || !one.n)
			return ss_error_set(err, SS_EINVAL,
					    "link.to 应如 gulou@10.1.2.3:8445；give link.to as "
					    "gulou@10.1.2.3:8445");
		r = add_peer(l, name, one, err);
	}
	return r;
}

static int check(const struct ss_links_settings *s, struct ss_error *err)
{
	if (!s->cert[0] || !s->key[0] || !s->ca[0])
		return ss_error_set(err, SS_EINVAL,
				    "节点链路须有 link.cert、link.key 与 link.ca；links between "
				    "nodes need link.cert, "
				    "link.key and link.ca");
	if (s->listen[0] && !s->from[0])
		return ss_error_set(
		    err, SS_EINVAL,
		    "link.listen 须同时写明 link.from（谁可以送来）；link.listen needs link.from");
	return 0;
}

static int start(struct ss_links *l, struct ss_error *err)
{
	int r = check(&l->s, err);

	if (r == 0)
		r = read_peers(l, err);
	if (r == 0 && l->s.listen[0])
		r = ss_channel_listen(l->s.listen, &l->fd, &l->port, err);
	for (size_t i = 0; r == 0 && l->fd >= 0 && i < SSL_RECEIVERS; i++) {
		r = ss_thread_start(&l->receiver[i], "link-in", ss_link_receive, l);
		l->receiver_on[i] = r == 0;
	}
	if (r == 0 && l->s.to[0]) {
		r = ss_thread_start(&l->sender, "link-out", ss_link_send, l);
		l->sender_on = r == 0;
	}
	if (r == 0 && l->fd >= 0)
		ss_log_info("links", "接收其他节点的锚点 taking tips of other nodes",
			    "port=%d from=\"%s\"", l->port, l->s.from);
	return r;
}

int ss_links_open(const struct ss_links_settings *s, struct ss_journal *j, struct ss_audit *audit_,
		  struct ss_links **ret, struct ss_error *err)
{
	struct ss_links *l;
	int r;

	*ret = NULL;
	if (!s->listen[0] && !s->to[0])
		return 0;
	l = calloc(1, sizeof(*l));
	if (!l)
		return SS_ENOMEM;
	l->s = *s;
	l->journal = j;
	l->audit = audit_;
	l->fd = -1;
	snprintf(l->keep, sizeof(l->keep), "%.800s%s", s->keep[0] ? s->keep : s->data,
		 s->keep[0] ? "" : "/peers");
	pthread_mutex_init(&l->lock, NULL);
	pthread_mutex_init(&l->keeping, NULL);
	ss_cond_init(&l->wake);
	r = start(l, err);
	if (r < 0)
		ss_links_close(l);
	else
		*ret = l;
	return r;
}

void ss_links_close(struct ss_links *l)
{
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	l->stopping = true;
	pthread_cond_broadcast(&l->wake);
	pthread_mutex_unlock(&l->lock);
	if (l->sender_on)
		pthread_join(l->sender, NULL);
	for (size_t i = 0; i < SSL_RECEIVERS; i++)
		if (l->receiver_on[i])
			pthread_join(l->receiver[i], NULL);
	if (l->fd >= 0)
		ss_os()->close(l->fd);
	pthread_mutex_destroy(&l->lock);
	pthread_mutex_destroy(&l->keeping);
	pthread_cond_destroy(&l->wake);
	free(l);
}

/* --- what others watch --- */

static void put_peer(struct ss_json *j, const struct ss_link_peer *p)
{
	ss_json_obj(j);
	ss_json_kz(j, "name", p->name);
	ss_json_kz(j, "direction", p->out ? "to" : "from");
	ss_json_kbool(j, "ok", p->ok);
	ss_json_ktime(j, "at", p->at_us ? p->at_us : SS_TIME_NONE);
	ss_json_ki64(j, "epoch", p->epoch);
	ss_json_ki64(j, "journal_tips", p->kept[0] / SS_TIP_LINE);
	ss_json_ki64(j, "audit_tips", p->kept[1] / SS_TIP_LINE);
	if (p->why[0])
		ss_json_kz(j, "why", p->why);
	ss_json_end_obj(j);
}

/* A peer that is away is told, and does not make this node unwell. */
void ss_links_health(struct ss_links *l, struct ss_json *j)
{
	bool ok = true;

	if (!l)
		return;
	SS_LOCKED(&l->lock);
	for (size_t i = 0; i < l->n; i++)
		ok &= !l->peer[i].out || l->peer[i].ok;
	ss_json_key(j, "links");
	ss_json_obj(j);
	ss_json_kbool(j, "ready", ok);
	ss_json_key(j, "peers");
	ss_json_arr(j);
	for (size_t i = 0; i < l->n; i++)
		put_peer(j, &l->peer[i]);
	ss_json_end_arr(j);
	ss_json_ki64(j, "refused", l->refused);
	if (l->why[0])
		ss_json_kz(j, "refused_why", l->why);
	ss_json_end_obj(j);
}

void ss_links_metrics(struct ss_links *l, struct ss_buf *out)
{
	if (!l)
		return;
	SS_LOCKED(&l->lock);
	ss_buf_addz(out, "# HELP shanshui_link_up 节点链路通 the link to or from a node works\n"
			 "# TYPE shanshui_link_up gauge\n");
	for (size_t i = 0; i < l->n; i++)
		ss_buf_addf(out, "shanshui_link_up{peer=\"%s\",direction=\"%s\"} %d\n",
			    l->peer[i].name, l->peer[i].out ? "to" : "from", l->peer[i].ok);
	ss_buf_addz(
	    out,
	    "# HELP shanshui_link_timestamp_seconds 最近一次送到或收到 last time tips went over\n"
	    "# TYPE shanshui_link_timestamp_seconds gauge\n");
	for (size_t i = 0; i < l->n; i++)
		ss_buf_addf(out,
			    "shanshui_link_timestamp_seconds{peer=\"%s\",direction=\"%s\"} %lld\n",
			    l->peer[i].name, l->peer[i].out ? "to" : "from",
			    (long long)(l->peer[i].at_us / SS_US_PER_SEC));
	ss_buf_addf(
	    out,
	    "# HELP shanshui_link_refused_total 拒绝的节点连接 connections of nodes that were "
	    "refused\n"
	    "# TYPE shanshui_link_refused_total counter\nshanshui_link_refused_total %lld\n",
	    (long long)l->refused);
}

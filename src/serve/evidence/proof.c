/* proof/ and frames/: the entries, their way into the signed tips, and the tips up to the end of
 * the day, so that the digest printed that night holds them. */
#include "base/crypto.h"
#include "serve/evidence/evidence_internal.h"

#define TIP_FRONT 285
#define GROUP_HEAD 56
#define ENTRY_HEAD 20

struct prove {
	struct pack *k;
	struct pack_long file; /* proof/groups.jsonl, then proof/tips.txt */
	struct ss_buf groups;  /* the line of one group */
	struct ss_tip first, last;
	bool any;
};

static void put_hex(struct ss_buf *b, const void *p, size_t n)
{
	const uint8_t *q = p;
	char two[2];

	for (size_t i = 0; i < n; i++) {
		ss_hex_encode(two, q + i, 1);
		ss_buf_add(b, two, 2);
	}
}

static int put_entry(struct prove *p, const struct ss_proof_entry *e)
{
	size_t head = e->shown ? ENTRY_HEAD + (size_t)e->raw[2] : 0;
	char path[64];

	if (!e->shown) {
		ss_buf_addc(&p->groups, '"');
		put_hex(&p->groups, e->digest, 32);
		return ss_buf_addc(&p->groups, '"');
	}
	snprintf(path, sizeof(path), "frames/%020llu.frame", (unsigned long long)e->seq);
	ss_buf_addf(&p->groups, "{\"seq\":%llu,\"file\":\"%s\",\"head\":\"",
		    (unsigned long long)e->seq, path);
	put_hex(&p->groups, e->raw, head);
	ss_buf_addz(&p->groups, "\"}");
	return sse_pack_add(p->k, path, ss_str_n((const char *)e->raw + head, e->n - head));
}

static int put_group(void *arg, const struct ss_proof *g)
{
	struct prove *p = arg;
	struct ss_buf *b = &p->groups;
	int r = 0;

	if (!p->any)
		p->first = g->tip;
	p->last = g->tip;
	p->any = true;
	ss_buf_reset(b);
	ss_buf_addf(b, "{\"group\":%llu,\"tip\":%llu,\"head\":\"", (unsigned long long)g->group,
		    (unsigned long long)g->tip.group);
	put_hex(b, g->head, GROUP_HEAD);
	ss_buf_addz(b, "\",\"path\":[");
	for (size_t i = 0; i < g->path_n; i++) {
		ss_buf_addz(b, i ? ",\"" : "\"");
		put_hex(b, g->path[i], 32);
		ss_buf_addc(b, '"');
	}
	ss_buf_addz(b, "],\"entries\":[");
	for (size_t i = 0; i < g->entry_n && r >= 0; i++) {
		if (i)
			ss_buf_addc(b, ',');
		r = put_entry(p, &g->entry[i]);
	}
	ss_buf_addz(b, "]}\n");
	if (r >= 0)
		r = b->err;
	return r < 0 ? r : sse_long_put(&p->file, ss_buf_str(b));
}

struct tips {
	struct prove *p;
	struct told_tips *told;
};

/* What the page for people says of a tip: its number, and the digest that paper shows. */
static int put_tip(void *arg, struct ss_str line)
{
	struct tips *t = arg;
	char hex[65] = {0};
	uint8_t digest[32];
	uint64_t group = 0;

	if (t->told->n++ < SSE_LIST_MOST) {
		ss_sm3(line.p, TIP_FRONT, digest);
		ss_hex_encode(hex, digest, 32);
		ss_parse_u64(ss_str_n(line.p + 7, 20), &group);
		json_array_append_new(t->told->first, json_pack("{s:I, s:s}", "group",
								(json_int_t)group, "digest", hex));
	}
	return sse_long_put(&t->p->file, line);
}

static int put_tips(struct ss_journal *j, struct prove *p, struct told_tips *told)
{
	int64_t until = ss_day_start(ss_day_of(p->last.time_us) + 1);
	struct tips t = {p, told};
	int r = sse_long_begin(&p->file, p->k);

	if (r >= 0)
		r = ss_journal_tip_lines(j, p->first.group, until, put_tip, &t);
	if (r >= 0)
		r = sse_long_end(&p->file, "proof/tips.txt");
	sse_long_done(&p->file);
	return r;
}

static int put_groups(struct ss_journal *j, const struct collected *c, struct prove *p,
		      struct ss_error *err)
{
	int r = sse_long_begin(&p->file, p->k);

	if (r >= 0)
		r = ss_journal_prove(j, c->seq, c->seq_n, put_group, p, err);
	if (r >= 0)
		r = sse_long_end(&p->file, "proof/groups.jsonl");
	sse_long_done(&p->file);
	return r;
}

static int wait_tip(struct ss_journal *j, uint64_t seq, int64_t wait_us, struct ss_error *err)
{
	struct ss_arena a;
	struct ss_entry e;
	int r;

	ss_arena_init(&a, (size_t)32 << 20);
	r = ss_journal_get(j, seq, &a, &e, err);
	if (r >= 0 && wait_us > 0)
		r = ss_journal_tip_now(j, e.group, wait_us);
	ss_arena_done(&a);
	return r == SS_ESTATE || r == SS_ETIMEOUT ? 0 : r; /* the proof says what is not signed */
}

int sse_prove(struct ss_journal *j, const struct collected *c, int64_t wait_us, struct pack *k,
	      struct told_tips *ret, struct ss_error *err)
{
	struct prove p = {.k = k, .groups = SS_BUF_MAX(SS_EVIDENCE_MAX)};
	char *pem = NULL;
	uint8_t id[16];
	int r;

	if (c->seq_n == 0)
		return ss_error_set(err, SS_ENOTFOUND,
				    "这一结论背后没有日志条目，无可举证；no entry of the journal "
				    "stands behind it");
	r = wait_tip(j, c->seq[c->seq_n - 1], wait_us, err);
	if (r >= 0)
		r = put_groups(j, c, &p, err);
	if (r >= 0)
		r = put_tips(j, &p, ret);
	if (r >= 0)
		r = ss_journal_node(j, &pem, id);
	if (r >= 0)
		r = sse_pack_add(k, "proof/node.pub", ss_str_of(pem));
	free(pem);
	ss_buf_done(&p.groups);
	return r;
}

/* --- for keeping elsewhere --- */

static void paper_line(struct ss_buf *out, const char *line, int64_t t_us)
{
	char hex[65] = {0}, iso[SS_TIME_ISO];
	uint8_t digest[32];
	uint64_t group = 0;

	ss_sm3(line, TIP_FRONT, digest);
	ss_hex_encode(hex, digest, 32);
	ss_parse_u64(ss_str_n(line + 7, 20), &group);
	ss_time_fmt_iso(iso, t_us);
	ss_buf_addf(out, "# %s\n%llu %s\n", iso, (unsigned long long)group, hex);
}

static int64_t time_of(const char *line)
{
	uint64_t t = 0;

	ss_parse_u64(ss_str_n(line + 49, 20), &t);
	return (int64_t)t;
}

struct anchors {
	struct ss_buf *out;
	bool paper;
	char before[SS_TIP_LINE]; /* on paper the last of each day stands: known with the next */
	bool any;
};

static int put_anchor(void *arg, struct ss_str line)
{
	struct anchors *a = arg;

	if (!a->paper)
		return ss_buf_adds(a->out, line);
	if (a->any && ss_day_of(time_of(a->before)) != ss_day_of(time_of(line.p)))
		paper_line(a->out, a->before, time_of(a->before));
	memcpy(a->before, line.p, SS_TIP_LINE);
	a->any = true;
	return a->out->err;
}

int ss_evidence_anchors(struct ss_journal *j, bool paper, struct ss_buf *out, struct ss_error *err)
{
	struct anchors a = {.out = out, .paper = paper};
	char *pem = NULL, hex[33] = {0};
	uint8_t id[16];
	int r = ss_journal_node(j, &pem, id);

	free(pem);
	ss_hex_encode(hex, id, 16);
	if (r >= 0)
		r = ss_buf_addf(out, "node %s\n", hex);
	if (r >= 0)
		r = ss_journal_tip_lines(j, 1, INT64_MAX, put_anchor, &a);
	if (r < 0) {
		ss_buf_reset(out);
		return ss_error_set(err, r, "还没有签名锚点；no tip is signed yet");
	}
	if (paper)
		paper_line(out, a.before, time_of(a.before));
	return out->err;
}

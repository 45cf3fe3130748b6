/* From shown entries up to the signed tips, and from the tips to the anchors
 * (docs/internals/journal-format.md sections 2 to 4). */
#include <stdlib.h>
#include <string.h>

#include "verify.h"

#define TIP_LINE 459
#define TIP_FRONT 285 /* the signed part */
#define GROUP_HEAD 56
#define ENTRY_HEAD 20

static const char tips_path[] = "proof/tips.txt", groups_path[] = "proof/groups.jsonl";

static uint64_t little(const uint8_t *p, int n)
{
	uint64_t v = 0;

	for (int i = 0; i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static bool grow(void *list, size_t n, size_t size)
{
	void *p;

	if (n & (n - 1))
		return true;
	memcpy(&p, list, sizeof(p));
	p = realloc(p, (n ? n * 2 : 16) * size);
	if (p)
		memcpy(list, &p, sizeof(p));
	return p != NULL;
}

void sv_chain_free(struct sv_chain *c)
{
	sv_key_free(c->key);
	free(c->tip);
	free(c->entry);
}

void sv_chain_key(struct sv_chain *c, const struct sv_archive *a, struct sv_report *r)
{
	const struct sv_member *m = sv_member(a, "proof/node.pub");
	uint8_t id[32];

	if (!m) {
		sv_break(r, "proof/node.pub", 0, 0, "缺少节点公钥",
			 "the node's public key is missing");
		return;
	}
	sv_sm3_one(m->data.p, m->data.n, id);
	memcpy(c->node, id, 16);
	sv_hex(c->node_hex, c->node, 16);
	c->key = sv_key_read(m->data);
	if (!c->key)
		sv_break(r, m->path, 0, 0, "不是 SM2 公钥", "no SM2 public key");
}

/* --- tips --- */

static bool decimal(const uint8_t *p, uint64_t *ret)
{
	*ret = 0;
	for (int i = 0; i < 20; i++) {
		if (p[i] < '0' || p[i] > '9' || *ret > UINT64_MAX / 10 - 1)
			return false;
		*ret = *ret * 10 + (uint64_t)(p[i] - '0');
	}
	return p[20] == ' ';
}

static bool tip_fields(const uint8_t *p, struct sv_tip *t, uint8_t prev[32], struct sv_bytes *sig,
		       uint8_t sig_bytes[80])
{
	uint64_t time;
	int n = (p[286] - '0') * 10 + p[287] - '0';

	if (memcmp(p, "SSTIP2 ", 7) != 0 || !decimal(p + 7, &t->group) ||
	    !decimal(p + 28, &t->seq) || !decimal(p + 49, &time) || !decimal(p + 70, &t->first) ||
	    !sv_unhex((struct sv_bytes){p + 91, 64}, t->root, 32) || p[155] != ' ' ||
	    !sv_unhex((struct sv_bytes){p + 156, 64}, prev, 32) || p[220] != ' ' || p[285] != ' ' ||
	    p[288] != ' ' || p[449] != ' ' || p[458] != '\n' || n < 0 || n > 80 ||
	    !sv_unhex((struct sv_bytes){p + 289, 160}, sig_bytes, 80))
		return false;
	*sig = (struct sv_bytes){sig_bytes, (size_t)n};
	return t->first >= 1 && t->first <= t->group;
}

static bool tip_signed(const struct sv_chain *c, const uint8_t *line, struct sv_bytes sig)
{
	uint8_t msg[33 + TIP_FRONT];

	memcpy(msg, c->node_hex, 32);
	msg[32] = ' ';
	memcpy(msg + 33, line, TIP_FRONT);
	return sv_signed(c->key, (struct sv_bytes){msg, sizeof(msg)}, sig);
}

static void tip_line(struct sv_chain *c, const uint8_t *line, struct sv_report *r)
{
	struct sv_tip t = {0};
	uint8_t prev[32], sig_bytes[80];
	struct sv_bytes sig;
	const struct sv_tip *last = c->tip_n ? &c->tip[c->tip_n - 1] : NULL;

	if (!tip_fields(line, &t, prev, &sig, sig_bytes)) {
		sv_break(r, tips_path, last ? last->group : 0, 0, "锚点行损坏（在此组的锚点之后）",
			 "a tip's line is damaged (behind this group's)");
		return;
	}
	sv_sm3_one(line, TIP_FRONT, t.digest);
	if (!tip_signed(c, line, sig))
		sv_break(r, tips_path, t.group, 0, "锚点签名不对", "signature of the tip is wrong");
	if (last && (t.group <= last->group || t.first <= last->group))
		sv_break(r, tips_path, t.group, 0, "锚点次序不对", "tips are out of order");
	if (last && memcmp(prev, last->digest, 32) != 0)
		sv_break(r, tips_path, t.group, 0, "与前一锚点不相接",
			 "does not name the tip before it");
	if (grow(&c->tip, c->tip_n, sizeof(t)))
		c->tip[c->tip_n++] = t;
}

void sv_chain_tips(struct sv_chain *c, const struct sv_archive *a, struct sv_report *r)
{
	const struct sv_member *m = sv_member(a, tips_path);

	if (!m || m->data.n == 0 || m->data.n % TIP_LINE) {
		sv_break(r, tips_path, 0, 0, "缺少签名锚点或行不全",
			 "signed tips are missing or cut");
		return;
	}
	for (size_t at = 0; at < m->data.n; at += TIP_LINE)
		tip_line(c, m->data.p + at, r);
	r->tips = c->tip_n;
}

static const struct sv_tip *tip_of(const struct sv_chain *c, uint64_t group)
{
	size_t lo = 0, hi = c->tip_n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (c->tip[mid].group < group)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < c->tip_n && c->tip[lo].group == group ? &c->tip[lo] : NULL;
}

/* --- groups --- */

struct group {
	struct sv_chain *c;
	struct sv_archive *a;
	struct sv_report *r;
	const struct sv_node *json;
	uint64_t number, tip, first_seq;
	uint8_t *text; /* "G", header, digests of the entries */
	size_t text_n;
	uint32_t count;
};

static bool bad_group(struct group *g, uint64_t seq, const char *zh, const char *en)
{
	sv_break(g->r, groups_path, g->number, seq, zh, en);
	return false;
}

/* An entry that is shown: its bytes are the head, kept in the line, and the body, a member. */
static bool shown(struct group *g, const struct sv_node *e, uint64_t seq, uint8_t digest[32])
{
	struct sv_entry out = {.seq = seq};
	uint8_t head[ENTRY_HEAD + 255];
	const struct sv_node *hex = sv_get(e, "head");
	size_t head_n = hex && hex->type == SV_STRING ? hex->text.n / 2 : 0;
	struct sv_bytes piece[4] = {{(const uint8_t *)"E", 1}};
	struct sv_member *m;
	char path[101];

	if (head_n < ENTRY_HEAD || head_n > sizeof(head) || !sv_unhex(hex->text, head, head_n) ||
	    !sv_get_string(e, "file", path, sizeof(path)))
		return bad_group(g, seq, "条目不全", "entry is incomplete");
	m = sv_member(g->a, path);
	if (!m || m->used || strncmp(path, "frames/", 7) != 0)
		return bad_group(g, seq, "条目的文件缺失或被重复引用",
				 "the entry's file is missing or named twice");
	m->used = true;
	piece[1] = (struct sv_bytes){head, head_n};
	piece[2] = m->data;
	sv_sm3(piece, digest);
	out.kind = head[0];
	out.verdict = head[1];
	out.faults = (uint32_t)little(head + 4, 4);
	out.body = m->data;
	if (head[2] != head_n - ENTRY_HEAD || head[3] || little(head + 16, 4) != m->data.n) {
		sv_break(g->r, path, g->number, seq, "条目头与内容长度不符",
			 "the entry's head does not fit its content");
		return false;
	}
	if (!m->whole) /* its digest was found wrong before: say of which frame it is */
		sv_break(g->r, path, g->number, seq, "这一条的内容被改动",
			 "this entry was changed");
	if (g->c->entry_n && g->c->entry[g->c->entry_n - 1].seq >= seq)
		return bad_group(g, seq, "条目次序不对", "entries out of order");
	g->r->frames++;
	g->r->acts += out.kind == 7;
	if (!grow(&g->c->entry, g->c->entry_n, sizeof(out)))
		return false;
	g->c->entry[g->c->entry_n++] = out;
	return true;
}

/* A hidden entry is its digest, a shown one an object. */
static bool one_entry(struct group *g, const struct sv_node *e, uint32_t i)
{
	uint8_t *digest = g->text + g->text_n;
	uint64_t seq;

	g->text_n += 32;
	if (e->type == SV_STRING) {
		g->r->entries_hidden++;
		return sv_unhex(e->text, digest, 32) ||
		       bad_group(g, g->first_seq + i, "未出示条目的摘要不对",
				 "digest of a hidden entry is damaged");
	}
	if (!sv_get_u64(e, "seq", &seq) || seq != g->first_seq + i)
		return bad_group(g, g->first_seq + i, "组内条目缺失、多余或次序不对",
				 "entries of the group are missing, too many or out of order");
	return shown(g, e, seq, digest);
}

static bool climb(struct group *g, const struct sv_tip *t, uint8_t at[32])
{
	const struct sv_node *path = sv_get(g->json, "path");
	const struct sv_node *step = path && path->type == SV_ARRAY ? path->child : NULL;
	uint64_t i = g->number - t->first, n = t->group - t->first + 1;

	for (; n > 1; n = (n + 1) / 2, i /= 2) {
		struct sv_bytes piece[4] = {{(const uint8_t *)"N", 1}, {at, 32}};
		uint8_t other[32];

		if ((i ^ 1) >= n)
			continue; /* no partner: goes up as it is */
		if (!step || step->type != SV_STRING || !sv_unhex(step->text, other, 32))
			return false;
		piece[2] = (struct sv_bytes){other, 32};
		if (i & 1) {
			piece[2] = piece[1];
			piece[1] = (struct sv_bytes){other, 32};
		}
		sv_sm3(piece, at);
		step = step->next;
	}
	return path && path->type == SV_ARRAY && !step && memcmp(at, t->root, 32) == 0;
}

static bool group_head(struct group *g)
{
	uint8_t *h = g->text + 1;

	if (!sv_get_hex(g->json, "head", h, GROUP_HEAD))
		return bad_group(g, 0, "组头损坏", "header of the group is damaged");
	g->text[0] = 'G';
	g->text_n = 1 + GROUP_HEAD;
	g->first_seq = little(h + 24, 8);
	if (memcmp(h, "SSG1", 4) != 0 || little(h + 16, 8) != g->number ||
	    little(h + 40, 4) != g->count || g->count == 0)
		return bad_group(g, 0, "组头与内容不符", "header of the group does not fit");
	return true;
}

static uint32_t count_children(const struct sv_node *list)
{
	uint32_t n = 0;

	if (list && list->type == SV_ARRAY)
		for (const struct sv_node *c = list->child; c; c = c->next)
			n++;
	return n;
}

static bool group_body(struct group *g)
{
	const struct sv_node *entries = sv_get(g->json, "entries");
	const struct sv_tip *t = tip_of(g->c, g->tip);
	uint8_t digest[32];
	uint32_t i = 0;

	g->count = count_children(entries);
	g->text = malloc(1 + GROUP_HEAD + 32 * ((size_t)g->count + 1));
	if (!g->text || !group_head(g))
		return false;
	for (const struct sv_node *e = entries->child; e; e = e->next)
		if (!one_entry(g, e, i++))
			return false;
	if (!t || g->number < t->first || g->number > t->group)
		return bad_group(g, 0, "组所指的锚点不在包内", "its tip is not in the package");
	sv_sm3_one(g->text, g->text_n, digest);
	if (!climb(g, t, digest))
		return bad_group(
		    g, 0, "组的内容或路径与锚点的树根不符：组头、条目或路径被改动",
		    "does not lead to the tip's root: header, entry or path was changed");
	if (t->group > g->r->last_used)
		g->r->last_used = t->group;
	return true;
}

static void one_group(struct group *g, struct sv_bytes line, uint64_t *last)
{
	struct sv_doc *d = sv_doc_new();

	g->json = d ? sv_parse(d, line) : NULL;
	g->number = 0;
	g->text = NULL;
	if (!sv_get_u64(g->json, "group", &g->number) || !sv_get_u64(g->json, "tip", &g->tip) ||
	    g->number <= *last) {
		g->number = *last;
		bad_group(g, 0, "组的行损坏（在此组之后）",
			  "line of a group is damaged (behind this one)");
	} else {
		*last = g->number;
		g->r->groups += group_body(g);
	}
	free(g->text);
	sv_doc_free(d);
}

void sv_chain_groups(struct sv_chain *c, struct sv_archive *a, struct sv_report *r)
{
	struct group g = {.c = c, .a = a, .r = r};
	struct sv_member *m = sv_member(a, groups_path);
	struct sv_bytes rest, line;
	uint64_t last = 0;

	if (!m) {
		sv_break(r, groups_path, 0, 0, "缺少组", "the groups are missing");
		return;
	}
	rest = m->data;
	while (sv_line(&rest, &line))
		one_group(&g, line, &last);
	if (rest.n)
		sv_break(r, groups_path, last, 0, "最后一行不全", "last line is cut");
	for (size_t i = 0; i < a->n; i++)
		if (strncmp(a->m[i].path, "frames/", 7) == 0 && !a->m[i].used)
			sv_break(r, a->m[i].path, 0, 0, "不属于任何一组：组缺失或损坏",
				 "belongs to no group: a group is missing or broken");
}

const struct sv_entry *sv_chain_entry(const struct sv_chain *c, uint64_t seq)
{
	size_t lo = 0, hi = c->entry_n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (c->entry[mid].seq < seq)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < c->entry_n && c->entry[lo].seq == seq ? &c->entry[lo] : NULL;
}

/* --- anchors --- */

static void anchor(struct sv_chain *c, uint64_t group, const uint8_t *digest, size_t n,
		   struct sv_report *r)
{
	const struct sv_tip *t = tip_of(c, group);

	if (t && memcmp(t->digest, digest, n) == 0) {
		if (t->group > r->anchored_to)
			r->anchored_to = t->group;
	} else if (t) {
		sv_break(r, "anchors", group, 0,
			 "包内锚点与别处抄存的不同：链被重建过，或锚点文件不对",
			 "the tip differs from the copy kept elsewhere: the chain was made anew");
	} else if (c->tip_n && group > c->tip[0].group && group < c->tip[c->tip_n - 1].group) {
		sv_break(
		    r, "anchors", group, 0, "别处抄存的锚点不在包内的锚点链上：链被重建过",
		    "a tip kept elsewhere is not in this chain of tips: the chain was made anew");
	}
}

static bool short_form(struct sv_bytes s, uint64_t *group, uint8_t digest[32], size_t *n)
{
	size_t i = 0;

	*group = 0;
	for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && i < 19; i++)
		*group = *group * 10 + (uint64_t)(s.p[i] - '0');
	if (i == 0 || i == s.n || s.p[i] != ' ')
		return false;
	while (i < s.n && s.p[i] == ' ')
		i++;
	*n = (s.n - i) / 2;
	return *n >= 16 && *n <= 32 && sv_unhex((struct sv_bytes){s.p + i, s.n - i}, digest, *n);
}

/* One line: a whole tip, "GROUP DIGEST" as printed on paper, "node ID", or a # comment. */
static bool anchor_line(struct sv_chain *c, struct sv_bytes s, struct sv_report *r)
{
	uint8_t digest[32], prev[32], sig_bytes[80];
	struct sv_tip t;
	struct sv_bytes sig;
	uint64_t group;
	size_t n;

	if (s.n == TIP_LINE - 1 && memcmp(s.p, "SSTIP2 ", 7) == 0) {
		uint8_t line[TIP_LINE];

		memcpy(line, s.p, s.n);
		line[s.n] = '\n';
		if (!tip_fields(line, &t, prev, &sig, sig_bytes))
			return false;
		sv_sm3_one(line, TIP_FRONT, digest);
		anchor(c, t.group, digest, 32, r);
		return true;
	}
	if (s.n == 5 + 32 && memcmp(s.p, "node ", 5) == 0) {
		if (memcmp(s.p + 5, c->node_hex, 32) != 0)
			sv_break(r, "anchors", 0, 0, "不是锚点所说的节点",
				 "not the node that the anchors name");
		return true;
	}
	if (!short_form(s, &group, digest, &n))
		return false;
	anchor(c, group, digest, n, r);
	return true;
}

void sv_chain_anchors(struct sv_chain *c, struct sv_bytes anchors, struct sv_report *r)
{
	r->anchors_given = true;
	while (anchors.n) {
		const uint8_t *lf = memchr(anchors.p, '\n', anchors.n);
		struct sv_bytes s = {anchors.p, lf ? (size_t)(lf - anchors.p) : anchors.n};

		anchors.n -= s.n + (lf != NULL);
		anchors.p += s.n + (lf != NULL);
		while (s.n && (s.p[s.n - 1] == '\r' || s.p[s.n - 1] == ' '))
			s.n--;
		if (s.n && s.p[0] != '#' && !anchor_line(c, s, r)) {
			sv_break(r, "anchors", 0, 0, "锚点文件有读不懂的行",
				 "a line of the anchors cannot be read");
			return;
		}
	}
	if (r->last_used == 0 || r->anchored_to < r->last_used)
		sv_break(r, "anchors", r->last_used, 0,
			 "所给锚点保不住包内用到的全部锚点：缺少此组或其后的锚点",
			 "the anchors given do not reach: one at or behind this group is needed");
}

/* The values again, from the bytes of the frames (HJ 212-2017 6.3, 6.6.3, annex A), and the means
 * of hours and days from the values. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify.h"

#define KIND_FRAME 1

static const char list_path[] = "data/observations.jsonl", rollup_path[] = "data/rollups.jsonl";

static unsigned crc16(struct sv_bytes s)
{
	unsigned reg = 0xffff;

	for (size_t i = 0; i < s.n; i++) {
		reg = reg >> 8 ^ s.p[i];
		for (int k = 0; k < 8; k++)
			reg = reg & 1 ? reg >> 1 ^ 0xa001 : reg >> 1;
	}
	return reg;
}

/* The data segment of "##" length segment CRC; whether the CRC is right. */
static bool segment(struct sv_bytes body, struct sv_bytes *ret, bool *crc_good)
{
	size_t len = 0;
	char want[5];

	if (body.n < 6 + 4 || memcmp(body.p, "##", 2) != 0)
		return false;
	for (int i = 2; i < 6; i++) {
		if (body.p[i] < '0' || body.p[i] > '9')
			return false;
		len = len * 10 + (size_t)(body.p[i] - '0');
	}
	if (len > body.n - 10)
		return false;
	*ret = (struct sv_bytes){body.p + 6, len};
	snprintf(want, sizeof(want), "%04X", crc16(*ret));
	*crc_good = true;
	for (int i = 0; i < 4; i++) {
		uint8_t c = body.p[6 + len + (size_t)i];

		*crc_good &= (c >= 'a' && c <= 'f' ? c - 32 : c) == want[i];
	}
	return true;
}

static ptrdiff_t find(struct sv_bytes s, const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i + n <= s.n; i++)
		if (memcmp(s.p + i, text, n) == 0)
			return (ptrdiff_t)i;
	return -1;
}

/* Value of NAME= in the header, up to the next ';'. */
static bool head_field(struct sv_bytes head, const char *name, struct sv_bytes *ret)
{
	size_t n = strlen(name);

	for (size_t at = 0; at < head.n;) {
		const uint8_t *semi = memchr(head.p + at, ';', head.n - at);
		size_t end = semi ? (size_t)(semi - head.p) : head.n;

		if (end - at > n && memcmp(head.p + at, name, n) == 0 && head.p[at + n] == '=') {
			*ret = (struct sv_bytes){head.p + at + n + 1, end - at - n - 1};
			return true;
		}
		at = end + 1;
	}
	return false;
}

struct data { /* what the data area says of one field */
	const char *field, *flag_field;
	struct sv_bytes value, flag, time;
	bool found, has_time;
	int item, value_item, flag_item;
};

static bool equals(struct sv_bytes s, const char *text)
{
	return s.n == strlen(text) && memcmp(s.p, text, s.n) == 0;
}

static void take_pair(struct data *d, struct sv_bytes pair)
{
	const uint8_t *eq = pair.n ? memchr(pair.p, '=', pair.n) : NULL;
	struct sv_bytes name, value;

	if (!eq)
		return;
	name = (struct sv_bytes){pair.p, (size_t)(eq - pair.p)};
	value = (struct sv_bytes){eq + 1, pair.n - name.n - 1};
	if (equals(name, "DataTime") && !d->has_time) {
		d->time = value;
		d->has_time = true;
	}
	if (equals(name, d->field)) { /* the later of two counts */
		d->value = value;
		d->value_item = d->item;
		d->found = true;
	}
	if (equals(name, d->flag_field)) {
		d->flag = value;
		d->flag_item = d->item;
	}
}

/* Items are cut by ';', pairs by ','; text between // is one. */
static void walk(struct data *d, struct sv_bytes cp)
{
	size_t from = 0, at = 0;

	for (; at <= cp.n; at++) {
		if (at + 1 < cp.n && cp.p[at] == '/' && cp.p[at + 1] == '/') {
			ptrdiff_t close =
			    find((struct sv_bytes){cp.p + at + 2, cp.n - at - 2}, "//");

			at += close < 0 ? 1 : (size_t)close + 3;
			continue;
		}
		if (at < cp.n && cp.p[at] != ';' && cp.p[at] != ',')
			continue;
		take_pair(d, (struct sv_bytes){cp.p + from, at - from});
		d->item += at < cp.n && cp.p[at] == ';';
		from = at + 1;
	}
}

static bool same_number(struct sv_bytes text, const struct sv_node *want)
{
	char t[64], *end;
	double v, w;

	if (text.n == 0 || text.n >= sizeof(t) || text.p[0] == ' ')
		return want && want->type == SV_NULL;
	memcpy(t, text.p, text.n);
	t[text.n] = 0;
	v = strtod(t, &end);
	if (*end || !isfinite(v) || strpbrk(t, "xXnN"))
		return want && want->type == SV_NULL;
	if (!want || want->type != SV_NUMBER)
		return false;
	memcpy(t, want->text.p, want->text.n);
	t[want->text.n] = 0;
	w = strtod(t, NULL);
	return v == w;
}

struct point { /* of a series, for the means */
	uint64_t series;
	int64_t time_us;
	double value;
	bool valid;
};
struct work {
	const struct sv_chain *c;
	struct sv_report *r;
	struct point *point;
	size_t point_n;
	uint64_t seq;
};

static void wrong(struct work *w, const char *zh, const char *en)
{
	sv_break(w->r, list_path, 0, w->seq, zh, en);
}

/* The observation against the frame it names. */
static void compare(struct work *w, const struct sv_node *o, const struct sv_entry *e)
{
	char field[128], flag[128], mn[80], time[32], mark[4];
	struct sv_bytes seg, head, got;
	struct data d = {.field = field, .flag_field = flag, .flag_item = -1};
	ptrdiff_t cp;
	bool crc_good;

	if (!sv_get_string(o, "field", field, sizeof(field)) ||
	    !sv_get_string(o, "flag_field", flag, sizeof(flag)) ||
	    !sv_get_string(o, "mn", mn, sizeof(mn)) ||
	    !sv_get_string(o, "data_time", time, sizeof(time)) ||
	    !sv_get_string(o, "mark", mark, sizeof(mark))) {
		wrong(w, "观测的说明不全", "the observation is incomplete");
		return;
	}
	if (!segment(e->body, &seg, &crc_good) || (cp = find(seg, "CP=&&")) < 0) {
		wrong(w, "所指的条目不是可解的报文", "the entry is no frame that can be read");
		return;
	}
	if (!crc_good && e->faults == 0)
		wrong(w, "报文 CRC 不对，收到时却没有记下", "CRC is wrong, yet was noted as right");
	w->r->noted += !crc_good && e->faults != 0;
	head = (struct sv_bytes){seg.p, (size_t)cp};
	got = (struct sv_bytes){seg.p + cp + 5, seg.n - (size_t)cp - 5};
	while (got.n && got.p[got.n - 1] == '&')
		got.n--;
	walk(&d, got);
	if (!head_field(head, "MN", &got) || !equals(got, mn))
		wrong(w, "报文的设备不是观测所说的", "the frame is of another device");
	if (!d.has_time || !equals(d.time, time))
		wrong(w, "报文的数据时间不是观测所说的", "the frame's data time is another");
	if (!d.found || !same_number(d.value, sv_get(o, "value")))
		wrong(w, "报文里的数值不是观测所说的", "the frame's value is another");
	if (d.flag_item != d.value_item || d.flag.n == 0 ? strcmp(mark, "N") != 0
							 : d.flag.p[0] != (uint8_t)mark[0])
		wrong(w, "报文里的标记不是观测所说的", "the frame's data mark is another");
	w->r->observations++;
}

static void keep_point(struct work *w, const struct sv_node *o)
{
	struct point p = {.value = NAN};
	const struct sv_node *current = sv_get(o, "current");
	uint64_t t;

	if (!current || current->type != SV_BOOL || !current->truth ||
	    !sv_get_u64(o, "series", &p.series) || !sv_get_u64(o, "time_us", &t))
		return;
	p.time_us = (int64_t)t;
	p.valid = sv_get_double(o, "value", &p.value) && sv_is(sv_get(o, "mark"), "N");
	if ((w->point_n & (w->point_n - 1)) == 0) {
		void *more = realloc(w->point, (w->point_n ? w->point_n * 2 : 16) * sizeof(p));

		if (!more)
			return;
		w->point = more;
	}
	w->point[w->point_n++] = p;
}

static void observation(struct work *w, struct sv_bytes line)
{
	struct sv_doc *doc = sv_doc_new();
	const struct sv_node *o = doc ? sv_parse(doc, line) : NULL;
	const struct sv_entry *e;

	if (!sv_get_u64(o, "seq", &w->seq)) {
		w->seq = 0;
		wrong(w, "行损坏", "a line is damaged");
	} else if (!(e = sv_chain_entry(w->c, w->seq))) {
		wrong(w, "所指的报文不在包内", "the frame it names is not in the package");
	} else {
		if (sv_is(sv_get(o, "form"), "hj212") && e->kind == KIND_FRAME)
			compare(w, o, e);
		else
			w->r->unread++; /* a table, or an encrypted frame: bytes proven, value not
					   read */
		keep_point(w, o);
	}
	sv_doc_free(doc);
}

static bool near(double a, double b)
{
	return fabs(a - b) <= 1e-9 * (fabs(a) + fabs(b)) / 2 + 1e-300;
}

/* A stored mean against the points that are in the package. */
static void rollup(struct work *w, struct sv_bytes line)
{
	struct sv_doc *doc = sv_doc_new();
	const struct sv_node *o = doc ? sv_parse(doc, line) : NULL;
	uint64_t series, from, to, n, n_valid, all = 0, good = 0;
	double sum = 0, least = INFINITY, most = -INFINITY, mean, min, max;

	if (!sv_get_u64(o, "series", &series) || !sv_get_u64(o, "from_us", &from) ||
	    !sv_get_u64(o, "to_us", &to) || !sv_get_u64(o, "n", &n) ||
	    !sv_get_u64(o, "n_valid", &n_valid)) {
		sv_break(w->r, rollup_path, 0, 0, "行损坏", "a line is damaged");
		sv_doc_free(doc);
		return;
	}
	for (size_t i = 0; i < w->point_n; i++) {
		const struct point *p = &w->point[i];

		if (p->series != series || p->time_us < (int64_t)from || p->time_us >= (int64_t)to)
			continue;
		all++;
		if (!p->valid)
			continue;
		good++;
		sum += p->value;
		least = p->value < least ? p->value : least;
		most = p->value > most ? p->value : most;
	}
	if (all != n || good != n_valid ||
	    (good && (!sv_get_double(o, "mean", &mean) || !sv_get_double(o, "min", &min) ||
		      !sv_get_double(o, "max", &max) || !near(mean, sum / (double)good) ||
		      least != min || most != max)))
		sv_break(w->r, rollup_path, 0, 0, "均值与包内各观测重算的不符",
			 "a mean is not that of the observations in the package");
	w->r->rollups++;
	sv_doc_free(doc);
}

void sv_observations(const struct sv_chain *c, const struct sv_archive *a, struct sv_report *r)
{
	struct work w = {.c = c, .r = r};
	const struct sv_member *list = sv_member(a, list_path), *means = sv_member(a, rollup_path);
	struct sv_bytes rest = list ? list->data : (struct sv_bytes){NULL, 0}, line;

	while (sv_line(&rest, &line))
		observation(&w, line);
	if (rest.n)
		sv_break(r, list_path, 0, 0, "最后一行不全", "last line is cut");
	rest = means ? means->data : (struct sv_bytes){NULL, 0};
	while (sv_line(&rest, &line))
		rollup(&w, line);
	if (rest.n)
		sv_break(r, rollup_path, 0, 0, "最后一行不全", "last line is cut");
	free(w.point);
}

/* What a device puts on the wire for an event, in the form of its edition. */
#include "city/answer_internal.h"
#include "city/city_internal.h"
#include "sense/hj212/hj212.h"

#include <math.h>
#include <stdio.h>

#define CP_MAX 900 /* the standard allows 950; a device leaves some room */
#define PACKETS_MAX 8

struct packet_set {
	struct ss_buf cp[PACKETS_MAX];
	int count;
};

static void add_item(struct packet_set *set, struct ss_str item, struct ss_str data_time)
{
	struct ss_buf *cp = &set->cp[set->count - 1];

	if (cp->n + item.n + 1 > CP_MAX && set->count < PACKETS_MAX) {
		cp = &set->cp[set->count++];
		ss_buf_init(cp, 4096);
		ss_buf_adds(cp, data_time);
	}
	ss_buf_addc(cp, ';');
	ss_buf_adds(cp, item);
}

static const char *code_of(const struct ss_city_device *d, const struct ss_city_factor *f)
{
	return strcmp(d->edition, "2005") == 0 && f->old ? f->old : f->code;
}

/* Factor of the conversion to the plant's reference oxygen, as its logger does it. */
static double conversion(const struct ss_city *c, int device, double oxygen)
{
	return (21 - c->plants[device].ref_o2) / fmax(1, 21 - oxygen);
}

static void live_items(const struct ss_city *c, int device, int64_t t_us, struct ss_buf *items)
{
	double v[SS_CITY_FACTORS_MAX];
	char mark[SS_CITY_FACTORS_MAX];
	const struct ss_city_device *d = &c->devices[device];
	size_t n, listed;
	const struct ss_city_factor *f = ss_city_factors(c->sites[d->site].kind, &listed);

	n = ss_city_values(c, device, t_us, v, mark);
	for (size_t i = 0; i < n; i++) {
		const char *code = code_of(d, &f[i]);

		ss_buf_addf(items, "%s-Rtd=%.*f", code, f[i].decimals, v[i]);
		if (f[i].converted)
			ss_buf_addf(items, ",%s-ZsRtd=%.*f", code, f[i].decimals,
				    v[i] * conversion(c, device, v[G_O2]));
		ss_buf_addf(items, ",%s-Flag=%c;", code, mark[i]);
	}
}

static void period_items(const struct ss_city *c, int device, int64_t from, int64_t span,
			 struct ss_buf *items)
{
	struct ss_city_spread s[SS_CITY_FACTORS_MAX];
	const struct ss_city_device *d = &c->devices[device];
	size_t n, listed;
	const struct ss_city_factor *f = ss_city_factors(c->sites[d->site].kind, &listed);

	n = ss_city_period(c, device, from, span, s);
	for (size_t i = 0; i < n; i++) {
		const char *code = code_of(d, &f[i]);
		int p = f[i].decimals;

		ss_buf_addf(items, "%s-Min=%.*f,%s-Avg=%.*f,%s-Max=%.*f", code, p, s[i].min, code,
			    p, s[i].mean, code, p, s[i].max);
		if (f[i].converted)
			ss_buf_addf(items, ",%s-ZsAvg=%.*f", code, p,
				    s[i].mean * conversion(c, device, s[G_O2].mean));
		if (f[i].total)
			ss_buf_addf(items, ",%s-Cou=%.3f", code,
				    s[i].mean * (double)span / 1e6 / 1000);
		ss_buf_addf(items, ",%s-Flag=%c;", code, s[i].mark);
	}
}

static int64_t span_of(int cn)
{
	return cn == 2051 ? 10 * SS_US_PER_MIN : cn == 2061 ? SS_US_PER_HOUR : SS_US_PER_DAY;
}

static void make_packets(const struct ss_city *c, int device, const struct ss_city_event *e,
			 struct packet_set *set)
{
	const struct ss_city_device *d = &c->devices[device];
	ss_cleanup(ss_buf_done) struct ss_buf items = SS_BUF_MAX(8192);
	char when[18], text[40];
	struct ss_str rest, item;

	ss_time_fmt_compact(when, e->data_us + (d->drift_s + e->clock_s) / 60 * SS_US_PER_MIN, 14);
	snprintf(text, sizeof(text), "DataTime=%s", when);
	ss_buf_init(&set->cp[0], 4096);
	ss_buf_addz(&set->cp[0], text);
	set->count = 1;
	if (e->cn == 1013) { /* a notice has an empty data area */
		ss_buf_reset(&set->cp[0]);
		return;
	}
	if (e->cn == 2011)
		live_items(c, device, e->data_us, &items);
	else
		period_items(c, device, e->data_us, span_of(e->cn), &items);
	rest = ss_buf_str(&items);
	while (ss_str_split(&rest, ';', &item))
		if (item.n)
			add_item(set, item, ss_str_of(text));
}

static int flag_of(const struct ss_city_device *d)
{
	if (strcmp(d->edition, "2005") == 0)
		return 1;
	return strcmp(d->edition, "2017") == 0 ? 5 : 9;
}

static void put_packet(const struct ss_city *c, int device, const struct ss_city_event *e,
		       const struct packet_set *set, int i, struct ss_buf *out)
{
	const struct ss_city_device *d = &c->devices[device];
	ss_cleanup(ss_buf_done) struct ss_buf seg = SS_BUF_MAX(8192);
	bool split = set->count > 1;
	uint8_t own[16];
	const uint8_t *key = e->key ? e->key : ss_city_said_key(c, device, own) ? own : NULL;
	char qn[18];

	ss_time_fmt_compact(qn,
			    e->send_us + (d->drift_s + e->clock_s) * SS_US_PER_SEC +
				(device * 37 + i) % 1000 * 1000,
			    17);
	ss_buf_addf(&seg, "QN=%s;ST=%s;CN=%d;PW=%s;MN=%s;Flag=%d;", qn,
		    ss_city_kind_st(c->sites[d->site].kind), e->cn, e->pw ? e->pw : "123456", d->mn,
		    flag_of(d) | (split ? 2 : 0));
	if (split)
		ss_buf_addf(&seg, "PNUM=%d;PNO=%d;", set->count, i + 1);
	if (e->backfill && strcmp(d->edition, "2025") == 0)
		ss_buf_addz(&seg, "RF=1;");
	ss_buf_addf(&seg, "CP=&&" SS_STR_FMT "&&", SS_STR_ARG(ss_buf_str(&set->cp[i])));
	if (key && e->cn >= 2000 && e->cn < 3000)
		ss_hj212_frame_put_sm4(out, ss_buf_str(&seg), key);
	else
		ss_hj212_frame_put(out, ss_buf_str(&seg));
}

/* The last four characters before CR LF are the CRC: spoil one of them. */
static void spoil(struct ss_buf *out, size_t from)
{
	if (out->n >= from + 6)
		out->p[out->n - 6] = out->p[out->n - 6] == 'A' ? 'B' : 'A';
}

int ss_city_frame(const struct ss_city *c, int device, const struct ss_city_event *e,
		  struct ss_buf *out)
{
	struct packet_set set = {.count = 0};
	uint32_t traits = c->devices[device].traits;

	make_packets(c, device, e, &set);
	if ((traits & SS_TRAIT_NOISE) && e->cn == 2051)
		ss_buf_add(out, "13800000000\xfe\xfe", 13); /* a DTU registers itself again */
	for (int i = 0; i < set.count; i++) {
		size_t from = out->n;

		if (e->bad_crc && i == 0) {
			put_packet(c, device, e, &set, i, out);
			spoil(out, from);
		}
		put_packet(c, device, e, &set, i, out);
		if (e->twice)
			put_packet(c, device, e, &set, i, out);
	}
	for (int i = 0; i < set.count; i++)
		ss_buf_done(&set.cp[i]);
	return out->err;
}

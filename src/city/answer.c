/* A device of the city and the commands it hears. */
#include "city/answer_internal.h"

#include "city/city_internal.h"

#define HISTORY_MOST 300 /* records a request */
#define SLOW_US (2 * SS_US_PER_SEC)

unsigned ss_city_manner(const struct ss_city *c, int device)
{
	static const struct {
		unsigned manner;
		double share;
	} table[] = {
	    {SS_MANNER_MUTE, 0.01},    {SS_MANNER_REFUSES, 0.02}, {SS_MANNER_NO_HISTORY, 0.01},
	    {SS_MANNER_PARTIAL, 0.02}, {SS_MANNER_EMPTY, 0.01},   {SS_MANNER_SLOW, 0.03},
	    {SS_MANNER_KEEPS, 0.5},    {SS_MANNER_ENCRYPTS, 0.4}, {SS_MANNER_WRONG_KEY, 0.02},
	};
	unsigned manner = 0;

	for (size_t i = 0; i < SS_ARRAY_LEN(table); i++)
		if (ss_unit(ss_mix3(c->seed ^ 0xa5e, (uint64_t)device, i)) < table[i].share)
			manner |= table[i].manner;
	if (strcmp(c->devices[device].edition, "2025") != 0)
		manner &= ~(unsigned)(SS_MANNER_ENCRYPTS | SS_MANNER_WRONG_KEY);
	return manner;
}

bool ss_city_key(const struct ss_city *c, int device, uint8_t ret[16])
{
	uint64_t half[2] = {ss_mix3(c->seed ^ 0x5e4, (uint64_t)device, 1),
			    ss_mix3(c->seed ^ 0x5e4, (uint64_t)device, 2)};

	memcpy(ret, half, 16);
	return (ss_city_manner(c, device) & SS_MANNER_ENCRYPTS) != 0;
}

bool ss_city_said_key(const struct ss_city *c, int device, uint8_t ret[16])
{
	bool has = ss_city_key(c, device, ret);

	if (ss_city_manner(c, device) & SS_MANNER_WRONG_KEY)
		ret[0] ^= 0x55;
	return has;
}

void ss_answerer_init(struct ss_answerer *a, const struct ss_city *c, int device)
{
	*a = (struct ss_answerer){.manner = ss_city_manner(c, device), .pw = "123456"};
	a->has_key = ss_city_said_key(c, device, a->key);
	ss_buf_init(&a->later, 1 << 20);
}

void ss_answerer_done(struct ss_answerer *a)
{
	ss_buf_done(&a->later);
}

struct request {
	const struct ss_city *c;
	const struct ss_city_device *d;
	int device;
	struct ss_answerer *a;
	struct ss_hj212_head h;
	int64_t now; /* simulated */
	struct ss_buf *out;
};

static void say(struct request *r, int cn, const char *name, int rtn)
{
	char cp[24];

	snprintf(cp, sizeof(cp), "%s=%d", name, rtn);
	ss_hj212_answer_put(r->out, &r->h, cn, ss_str_of(rtn ? cp : ""));
}

static const char *st_of(const struct request *r)
{
	return ss_city_kind_st(r->c->sites[r->d->site].kind);
}

/* One data frame of the request's own CN; parameters go under the request's QN. */
static void tell(struct request *r, const char *cp)
{
	ss_cleanup(ss_buf_done) struct ss_buf seg = SS_BUF_MAX(2048);
	bool old = strcmp(r->d->edition, "2005") == 0;
	bool secret = r->a->has_key && r->h.cn_num == 3020;

	if (old)
		ss_buf_addf(&seg, "ST=%s;CN=%d;PW=%s;MN=%s;CP=&&QN=" SS_STR_FMT ";%s&&", st_of(r),
			    r->h.cn_num, r->a->pw, r->d->mn, SS_STR_ARG(r->h.qn), cp);
	else
		ss_buf_addf(&seg, "QN=" SS_STR_FMT ";ST=%s;CN=%d;PW=%s;MN=%s;Flag=%d;CP=&&%s&&",
			    SS_STR_ARG(r->h.qn), st_of(r), r->h.cn_num, r->a->pw, r->d->mn,
			    strcmp(r->d->edition, "2017") == 0 ? 4 : 8, cp);
	if (secret)
		ss_hj212_frame_put_sm4(r->out, ss_buf_str(&seg), r->a->key);
	else
		ss_hj212_frame_put(r->out, ss_buf_str(&seg));
}

/* --- history
 * --------------------------------------------------------------------------------------- */

static int64_t span_of(int cn)
{
	return cn == 2051 ? 10 * SS_US_PER_MIN : cn == 2061 ? SS_US_PER_HOUR : SS_US_PER_DAY;
}

static bool lost(const struct request *r, int64_t t_us)
{
	return (r->a->manner & SS_MANNER_PARTIAL) &&
	       ss_unit(ss_mix3(r->c->seed ^ 0x105, (uint64_t)r->device,
			       (uint64_t)(t_us / SS_US_PER_MIN))) < 0.3;
}

/* Records that begin in [from, to]; how many. */
static int history(struct request *r, int64_t from, int64_t to)
{
	int64_t span = span_of(r->h.cn_num), t = from + SS_UTC8_US + span - 1;
	int n = 0;

	t = t - t % span - SS_UTC8_US;
	for (; t <= to && t + span <= r->now && n < HISTORY_MOST; t += span) {
		struct ss_city_event e = {.send_us = r->now,
					  .data_us = t,
					  .cn = r->h.cn_num,
					  .backfill = true,
					  .clock_s = r->a->clock_s,
					  .pw = r->a->pw,
					  .key = r->a->has_key ? r->a->key : NULL};

		if (lost(r, t) || ss_city_frame(r->c, r->device, &e, r->out) < 0)
			continue;
		n++;
	}
	return n;
}

static int answer_history(struct request *r)
{
	int64_t from, to;

	if (ss_time_parse_compact(ss_hj212_pair_value(r->h.cp, "BeginTime"), &from) < 0 ||
	    ss_time_parse_compact(ss_hj212_pair_value(r->h.cp, "EndTime"), &to) < 0)
		return 3; /* condition wrong */
	if (r->a->manner & SS_MANNER_EMPTY)
		return 100;
	return history(r, from, to) ? 1 : 100;
}

/* --- what it tells and what it does
 * ------------------------------------------------------------------- */

static int64_t clock_of(const struct request *r)
{
	return r->now + (r->d->drift_s + r->a->clock_s) * SS_US_PER_SEC;
}

static int tell_clock(struct request *r)
{
	char t[18], cp[40];

	ss_time_fmt_compact(t, clock_of(r), 14);
	snprintf(cp, sizeof(cp), "SystemTime=%s", t);
	tell(r, cp);
	return 1;
}

static int set_clock(struct request *r)
{
	int64_t t;

	if (ss_time_parse_compact(ss_hj212_pair_value(r->h.cp, "SystemTime"), &t) < 0)
		return 3;
	r->a->clock_s += (int)((t - clock_of(r)) / SS_US_PER_SEC);
	return 1;
}

static int set_password(struct request *r)
{
	struct ss_str pw = ss_hj212_pair_value(r->h.cp, "NewPW");

	if (!pw.n)
		pw = ss_hj212_pair_value(r->h.cp, "PW");
	if (pw.n != 6)
		return 3;
	ss_str_copy(r->a->pw, sizeof(r->a->pw), pw);
	return 1;
}

static int set_key(struct request *r)
{
	struct ss_str hex = ss_hj212_pair_value(r->h.cp, "NewKey");
	size_t n;

	if (!r->a->has_key || hex.n != 32 ||
	    ss_hex_decode(hex, r->a->key, sizeof(r->a->key), &n) < 0)
		return 3;
	return 1;
}

static int tell_live(struct request *r)
{
	struct ss_city_event e = {.send_us = r->now,
				  .data_us = r->now,
				  .cn = 2011,
				  .clock_s = r->a->clock_s,
				  .pw = r->a->pw,
				  .key = r->a->has_key ? r->a->key : NULL};

	return ss_city_frame(r->c, r->device, &e, r->out) == 0 ? 1 : 2;
}

static int tell_number(struct request *r, const char *name, int v)
{
	char cp[60];

	snprintf(cp, sizeof(cp), "%s=%d", name, v);
	tell(r, cp);
	return 1;
}

static int tell_of_factor(struct request *r, const char *what)
{
	struct ss_str code = ss_hj212_pair_value(r->h.cp, "PolId");
	char cp[120];

	snprintf(cp, sizeof(cp), "PolId=" SS_STR_FMT ";%s", SS_STR_ARG(code), what);
	tell(r, cp);
	return 1;
}

static int tell_serial(struct request *r)
{
	struct ss_str code = ss_hj212_pair_value(r->h.cp, "PolId");
	char cp[80];

	snprintf(cp, sizeof(cp), SS_STR_FMT "-SN=%08X%08X", SS_STR_ARG(code),
		 (unsigned)(ss_mix(r->c->seed) & 0xffffffff), (unsigned)r->device);
	tell(r, cp);
	return 1;
}

static int tell_info(struct request *r)
{
	struct ss_str id = ss_hj212_pair_value(r->h.cp, "InfoId");
	char t[18], cp[120];

	ss_time_fmt_compact(t, clock_of(r), 14);
	snprintf(cp, sizeof(cp), "DataTime=%s;" SS_STR_FMT "-Info=0", t, SS_STR_ARG(id));
	tell(r, cp);
	return 1;
}

static int tell_state(struct request *r)
{
	char t[18], cp[60];

	ss_time_fmt_compact(t, clock_of(r), 14);
	snprintf(cp, sizeof(cp), "DataTime=%s;SB1-RS=1", t);
	tell(r, cp);
	return 1;
}

/* ExeRtn. The device keeps to the interval it was built with: another one is refused before. */
static int act(struct request *r)
{
	switch (r->h.cn_num) {
	case 1011:
		return tell_clock(r);
	case 1012:
		return set_clock(r);
	case 1014:
		return strcmp(r->d->edition, "water") == 0 ? tell_clock(r) : set_key(r);
	case 1061:
		return tell_number(r, "RtdInterval", r->d->interval_s);
	case 1063:
		return tell_number(r, "MinInterval", 10);
	case 1072:
		return set_password(r);
	case 2011:
		return tell_live(r);
	case 2021:
		return tell_state(r);
	case 2031:
	case 2051:
	case 2061:
		return answer_history(r);
	case 2041:
	case 2071:
		return 100;
	case 3015:
		return tell_number(r, "VaseNo", 1);
	case 3017:
		return tell_of_factor(r, "CstartTime=000000,Ctime=2");
	case 3018:
		return tell_of_factor(r, "Stime=30");
	case 3019:
		return tell_serial(r);
	case 3020:
		return tell_info(r);
	default:
		return 1;
	}
}

static int interval_asked(const struct request *r, const char *name)
{
	int64_t v = 0;

	return ss_parse_i64(ss_hj212_pair_value(r->h.cp, name), &v) == 0 ? (int)v : -1;
}

/* QnRtn; 1 = will do. */
static int judge(const struct request *r)
{
	enum ss_hj212_edition e = ss_hj212_edition(&r->h);
	const struct ss_hj212_command *k = ss_hj212_command(r->h.cn_num, e);
	bool history = k && (k->cn == 2031 || k->cn == 2051 || k->cn == 2061);

	if (!ss_str_is(r->h.pw, r->a->pw))
		return 3;
	if (!k || (history && (r->a->manner & SS_MANNER_NO_HISTORY)))
		return 8;
	if ((r->a->manner & SS_MANNER_REFUSES) && k->changes)
		return 2;
	if ((k->cn == 1062 && interval_asked(r, "RtdInterval") != r->d->interval_s) ||
	    (k->cn == 1064 && interval_asked(r, "MinInterval") != 10))
		return 2;
	return 1;
}

static void answer(struct request *r)
{
	struct ss_buf *now = r->out;
	int rtn = judge(r);

	if (r->h.cn_num == 2012 || r->h.cn_num == 2022) {
		say(r, 9013, "", 0);
		return;
	}
	say(r, 9011, "QnRtn", rtn);
	if (rtn != 1)
		return;
	if (r->a->manner & SS_MANNER_SLOW) {
		r->out = &r->a->later;
		r->a->later_at = ss_time_mono() + SLOW_US;
	}
	rtn = act(r);
	say(r, 9012, "ExeRtn", rtn);
	r->out = now;
}

int ss_city_answer(const struct ss_city *c, int device, struct ss_answerer *a, struct ss_str raw,
		   int64_t now_us, struct ss_buf *out)
{
	struct request r = {
	    .c = c, .d = &c->devices[device], .device = device, .a = a, .now = now_us, .out = out};
	struct ss_hj212_policy policy = {.sm4_key = a->has_key ? a->key : NULL};
	struct ss_hj212_frame f;
	struct ss_arena arena;
	struct ss_str segment;
	size_t used;

	ss_arena_init(&arena, 1 << 16);
	if (!(a->manner & SS_MANNER_MUTE) &&
	    ss_hj212_cut(raw.p, raw.n, true, &policy, &f, &used) == 1 &&
	    f.verdict == SS_HJ212_ACCEPT && ss_hj212_plain(&arena, &f, &policy, &segment) == 0 &&
	    ss_hj212_head(segment, &r.h) == 0 && ss_str_is(r.h.mn, r.d->mn) && r.h.cn_num >= 1000 &&
	    r.h.cn_num < 4000)
		answer(&r);
	ss_arena_done(&arena);
	return out->err;
}

static void words(struct ss_buf *out, unsigned bits, const char *const *names, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (!(bits & 1u << i))
			continue;
		ss_buf_addf(out, "%s%s", any ? " " : "", names[i]);
		any = true;
	}
}

int ss_city_manners(const struct ss_city *c, struct ss_buf *out)
{
	static const char *const traits[] = {"late",  "doubles",      "bad_crc", "outages",
					     "drift", "unregistered", "noise"};
	static const char *const manners[] = {"mute", "refuses", "no_history", "partial",  "empty",
					      "slow", "keeps",   "encrypts",   "wrong_key"};

	ss_buf_addz(out, "mn,edition,traits,manners\n");
	for (int i = 0; i < c->device_count; i++) {
		ss_buf_addf(out, "%s,%s,", c->devices[i].mn, c->devices[i].edition);
		words(out, c->devices[i].traits, traits, SS_ARRAY_LEN(traits));
		ss_buf_addc(out, ',');
		words(out, ss_city_manner(c, i), manners, SS_ARRAY_LEN(manners));
		ss_buf_addc(out, '\n');
	}
	return out->err;
}

/* Values of a data frame. An item is walked once; its values wait in a small array until its end,
 * because the mark may stand behind them. */
#include <math.h>

#include "sense/hj212/walk_internal.h"

#define ITEM_VALUES                                                                                \
	64 /* values of one item that wait for their mark; the standard has at most 9              \
	    */
#define NAMES                                                                                      \
	128 /* slots of the table that finds doubled names; the standard's limit of 950            \
	     * bytes leaves room for about 70 names */

struct observe {
	struct ss_hj212_data *d;
	ss_hj212_value_fn *fn;
	void *arg;
	int count;               /* values handed out */
	int waiting;             /* values in wait */
	struct ss_str last_code; /* code of the mark met last in this item */
	char last_mark;
	struct ss_str sample_code, sample_time; /* the SampleTime met last in this item */
	struct ss_hj212_value wait[ITEM_VALUES];
	int names;
	uint8_t slot[NAMES]; /* 1 + index of a name in `seen`, by hash; 0 = free */
	struct ss_str seen[NAMES * 3 / 4];
};

/* Commands whose frames carry observations; -1 for the others. */
static int period_of(int cn)
{
	switch (cn) {
	case 2011: /* live */
	case 2021: /* device state */
	case 2052: /* 2025: one noise measurement */
	case 2071: /* 2005: alarm values */
	case 2072: /* 2005: alarm event */
	case 3020: /* field information: states and parameters in numbers */
		return SS_HJ212_RTD;
	case 2051:
	case 2111: /* 2025: 5-minute mean of the furnace */
		return SS_HJ212_MINUTE;
	case 2061:
		return SS_HJ212_HOUR;
	case 2031:
	case 2041: /* running hours of the day */
		return SS_HJ212_DAY;
	default:
		return -1;
	}
}

/* The classes of the standards that carry a number. "td" is a misspelling that makers copy. */
static const struct {
	const char *as_sent, *meant;
} classes[] = {
    {"Rtd", "Rtd"},     {"Avg", "Avg"},         {"Min", "Min"},
    {"Max", "Max"},     {"Cou", "Cou"},         {"ZsRtd", "ZsRtd"},
    {"ZsAvg", "ZsAvg"}, {"ZsMin", "ZsMin"},     {"ZsMax", "ZsMax"},
    {"ZsCou", "ZsCou"}, {"RS", "RS"},           {"RT", "RT"},
    {"Data", "Data"},   {"DayData", "DayData"}, {"NightData", "NightData"},
    {"Ala", "Ala"},     {"UpValue", "UpValue"}, {"LowValue", "LowValue"},
    {"Info", "Info"},   {"td", "Rtd"},
};

static bool is(struct ss_str s, const char *lit, size_t n)
{
	return s.n == n && memcmp(s.p, lit, n) == 0;
}
#define IS(s, lit) is(s, lit, sizeof(lit) - 1)

/* The class as the standard spells it; the input with a fault when it knows none like it. */
static struct ss_str class_of(struct ss_str cls, uint32_t *faults)
{
	if (IS(cls, "Rtd") || IS(cls, "Avg") || IS(cls, "Min") || IS(cls, "Max") || IS(cls, "Cou"))
		return cls;
	for (size_t i = 0; i < SS_ARRAY_LEN(classes); i++) {
		if (ss_str_is(cls, classes[i].as_sent) && i + 1 < SS_ARRAY_LEN(classes))
			return cls;
	}
	*faults |= SS_HJ212_F_CLASS;
	for (size_t i = 0; i < SS_ARRAY_LEN(classes); i++) {
		if (ss_str_eq_nocase(cls, ss_str_of(classes[i].as_sent)))
			return ss_str_of(classes[i].meant);
	}
	return cls;
}

/* Names in a data area that are no observations. */
static bool is_parameter(struct ss_str name)
{
	static const char *const params[] = {
	    "DataTime",   "BeginTime", "EndTime",     "SystemTime",  "RestartTime", "AlarmTime",
	    "AlarmType",  "QN",        "CN",          "PNO",         "PNUM",        "PolId",
	    "PolID",      "InfoId",    "QnRtn",       "ExeRtn",      "Flag",        "VaseNo",
	    "CstartTime", "Ctime",     "CTime",       "Stime",       "MN",          "ST",
	    "PW",         "NewPW",     "RtdInterval", "MinInterval", "OverTime",    "ReCount",
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(params); i++) {
		if (ss_str_is(name, params[i]))
			return true;
	}
	return false;
}

static bool known_mark(char m)
{
	switch (m) {
	case 'N':
	case 'F':
	case 'M':
	case 'S':
	case 'D':
	case 'C':
	case 'T':
	case 'B':
	case 'P':
		return true;
	default:
		return m >= '0' && m <= '3';
	}
}

static int64_t time_of(struct ss_str v, uint32_t *faults)
{
	int64_t t;

	if (v.n > 14) {
		*faults |= SS_HJ212_F_TIME_LONG;
		v.n = 14;
	}
	if (ss_time_parse_compact(v, &t) == 0)
		return t;
	*faults |= SS_HJ212_F_TIME;
	return SS_TIME_NONE;
}

/* DataTime, wherever it stands; nearly always the first item. */
static void find_time(struct ss_str cp, struct ss_hj212_data *d)
{
	struct ss_hj212_walk w = ss_hj212_walk(cp);
	struct ss_hj212_pair p;

	d->time_us = SS_TIME_NONE;
	while (ss_hj212_next_pair(&w, &p)) {
		if (!IS(p.name, "DataTime"))
			continue;
		d->time_us = time_of(p.value, &d->faults);
		return;
	}
	d->faults |= SS_HJ212_F_TIME_MISSING;
}

static void hand_out(struct observe *o)
{
	for (int i = 0; o->fn && i < o->waiting; i++)
		o->fn(o->arg, o->d, &o->wait[i]);
	o->count += o->waiting;
	o->waiting = 0;
}

/* Codes mostly have 6 characters: two overlapping words compare them without a call. */
static inline bool same_code(struct ss_str a, struct ss_str b)
{
	uint32_t x, y, u, v;

	if (a.n != b.n)
		return false;
	if (a.n < 4 || a.n > 8)
		return a.n == 0 || memcmp(a.p, b.p, a.n) == 0;
	memcpy(&x, a.p, 4);
	memcpy(&y, b.p, 4);
	memcpy(&u, a.p + a.n - 4, 4);
	memcpy(&v, b.p + b.n - 4, 4);
	return x == y && u == v;
}

/* The mark of `code`, for its values before and behind. */
static inline void take_mark(struct observe *o, struct ss_str code, struct ss_str value)
{
	char mark = value.n ? value.p[0] : 0;

	if (value.n != 1 || !known_mark(mark))
		o->d->faults |= SS_HJ212_F_MARK;
	if (!mark)
		return;
	o->last_code = code;
	o->last_mark = mark;
	for (int i = 0; i < o->waiting; i++) {
		if (same_code(o->wait[i].code, code))
			o->wait[i].mark = mark;
	}
}

static void take_sample_time(struct observe *o, struct ss_str code, struct ss_str value)
{
	for (int i = 0; i < o->waiting; i++) {
		if (same_code(o->wait[i].code, code))
			o->wait[i].sample_time = value;
	}
	o->sample_code = code;
	o->sample_time = value;
}

/* First and last four bytes and the length tell the names of one frame well apart. */
static inline unsigned name_slot(struct ss_str name)
{
	uint32_t a = 0, b = 0, h;

	if (name.n >= 4) {
		memcpy(&a, name.p, 4);
		memcpy(&b, name.p + name.n - 4, 4);
	} else if (name.n) {
		a = (uint8_t)name.p[0];
		b = (uint8_t)name.p[name.n - 1];
	}
	h = (a ^ b * 31 ^ (uint32_t)name.n) * 0x9E3779B1u;
	return h >> 25;
}

/* Notes a name; a fault when it was there before. Beyond the table's size nothing is noted. */
static inline void note_name(struct observe *o, struct ss_str name)
{
	unsigned i = name_slot(name);

	for (; o->slot[i]; i = (i + 1) % NAMES) {
		if (ss_str_eq(o->seen[o->slot[i] - 1], name)) {
			o->d->faults |= SS_HJ212_F_CODE_TWICE;
			return;
		}
	}
	if (o->names == (int)SS_ARRAY_LEN(o->seen))
		return;
	o->seen[o->names++] = name;
	o->slot[i] = (uint8_t)o->names;
}

/* Plain decimals of at most 15 digits, which are nearly all: the digits and the power of ten are
 * exact in a double, so the one division rounds right. Anything else goes the general way. */
static inline int number_of(struct ss_str s, double *ret)
{
	static const double power[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
				       1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	bool minus = s.n && s.p[0] == '-';
	size_t i = minus, point = 0;
	uint64_t m = 0;

	if (s.n > 15 || s.n == i)
		return ss_parse_double(s, ret);
	for (; i < s.n; i++) {
		unsigned digit = (unsigned char)(s.p[i] - '0');

		if (digit > 9) {
			if (s.p[i] != '.' || point || i == minus || i + 1 == s.n)
				return ss_parse_double(s, ret);
			point = i + 1;
			continue;
		}
		m = m * 10 + digit;
	}
	*ret = (double)m / power[point ? s.n - point : 0];
	if (minus)
		*ret = -*ret;
	return 0;
}

/* Everything by value and inline: a pair that stays in registers is not written to memory in halves
 * and read back whole, which stalls the processor. */
static inline __attribute__((always_inline)) void take_value(struct observe *o, struct ss_str code,
							     struct ss_str cls, struct ss_str text)
{
	struct ss_hj212_value *v;
	double number;

	if (code.n == 0) { /* a value of nothing */
		o->d->faults |= SS_HJ212_F_ITEM;
		return;
	}
	if (number_of(text, &number) < 0) {
		if (cls.n == 0 || IS(cls, "Info"))
			return; /* free names and texts: kept in the frame, no observation */
		number = NAN;
		o->d->faults |= SS_HJ212_F_VALUE;
	}
	if (o->waiting == ITEM_VALUES)
		hand_out(o);
	note_name(o, ss_str_n(code.p, (size_t)(cls.p + cls.n - code.p)));
	v = &o->wait[o->waiting++];
	v->code = code;
	v->cls = cls.n ? class_of(cls, &o->d->faults) : cls;
	v->value = number;
	v->mark = o->last_code.n && same_code(o->last_code, code) ? o->last_mark : 'N';
	v->sample_time = ss_str_n(NULL, 0);
	if (o->sample_code.n && same_code(o->sample_code, code))
		v->sample_time = o->sample_time;
}

/* "Flag=D" apart from its factor: for the item before it, which still waits. */
static void take_stray_mark(struct observe *o, struct ss_str value)
{
	if (value.n != 1 || !known_mark(value.p[0]))
		return;
	o->d->faults |= SS_HJ212_F_MARK_STRAY;
	for (int i = 0; i < o->waiting; i++)
		o->wait[i].mark = value.p[0];
}

static inline __attribute__((always_inline)) void take_pair(struct observe *o,
							    const struct ss_hj212_pair *p)
{
	if (IS(p->cls, "Flag")) {
		take_mark(o, p->code, p->value);
	} else if (p->cls.n == 0 && IS(p->name, "Flag")) {
		take_stray_mark(o, p->value);
	} else if (IS(p->cls, "SampleTime")) {
		take_sample_time(o, p->code, p->value);
	} else if (p->cls.n ? !IS(p->cls, "EFlag") && !IS(p->cls, "SN")
			    : p->has_value && !IS(p->name, "DataTime") && !is_parameter(p->name)) {
		take_value(o, p->code, p->cls, p->value);
	}
}

static void observe_items(struct observe *o, struct ss_str cp)
{
	struct ss_hj212_walk w = ss_hj212_walk(cp);
	struct ss_hj212_pair p;
	int item = 0;

	while (next_pair(&w, &p)) {
		if (p.item != item) {
			if (!IS(p.name, "Flag"))
				hand_out(o);
			item = p.item;
			o->last_code.n = o->sample_code.n = 0;
		}
		take_pair(o, &p);
	}
	hand_out(o);
	o->d->faults |= w.faults;
}

int ss_hj212_observe(const struct ss_hj212_head *h, struct ss_hj212_data *ret_d,
		     ss_hj212_value_fn *fn, void *arg)
{
	/* Not cleared as a whole: 6 kB a frame would cost more than the parsing. Every field is set
	 * below, and a slot of `wait` before it is counted. */
	struct observe o __attribute__((uninitialized));
	int period = period_of(h->cn_num);

	*ret_d = (struct ss_hj212_data){.time_us = SS_TIME_NONE};
	if (period < 0)
		return 0;
	ret_d->period = (enum ss_hj212_period)period;
	find_time(h->cp, ret_d);
	o.d = ret_d;
	o.fn = fn;
	o.arg = arg;
	o.count = o.waiting = o.names = 0;
	o.last_code = o.sample_code = ss_str_n(NULL, 0);
	o.last_mark = 'N';
	ss_hj212_clear(o.slot, sizeof(o.slot));
	observe_items(&o, h->cp);
	/* A request for history has no data and needs no DataTime. */
	if (o.count == 0)
		ret_d->faults &= ~(uint32_t)SS_HJ212_F_TIME_MISSING;
	return o.count;
}

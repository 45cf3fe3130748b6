/* The daily sheet (日清单): what of yesterday was not as it should be, an item an outlet and kind,
 * each closed with a code. */
#include <math.h>

#include "reason/review/review_internal.h"

static bool by_flags(uint64_t reasons)
{
	return reasons &
	       (SS_REASON_BIT(SS_REASON_FLAG_STOP) | SS_REASON_BIT(SS_REASON_FLAG_MAINTENANCE) |
		SS_REASON_BIT(SS_REASON_FLAG_FAULT) | SS_REASON_BIT(SS_REASON_FLAG_CALIBRATION) |
		SS_REASON_BIT(SS_REASON_FLAG_LINE));
}

void sheet_count(struct day_sheet *s, size_t factor, const struct hour_row *rows)
{
	for (int h = 0; h < SS_HOURS_A_DAY; h++) {
		const struct hour_row *r = &rows[h];
		bool marked =
		    r->reasons & (SS_REASON_BIT(SS_REASON_MARK) | SS_REASON_BIT(SS_REASON_PENDING));

		if (r->state == SS_HOUR_MISSING) {
			s->missing[factor]++;
			s->unmarked[factor] += !marked;
		} else if (r->state == SS_HOUR_INVALID) {
			s->invalid[factor]++;
			s->unmarked[factor] += !marked && by_flags(r->reasons);
			s->reasons |= r->reasons;
			s->stop_flags =
			    s->stop_flags || (!marked && r->reasons >> SS_REASON_FLAG_STOP & 1);
		}
	}
}

struct item {
	const char *what;
	const int *hours; /* of each factor; NULL: bits of `factors` */
	uint32_t factors;
	bool reasons, proposal;
};

static int worst(const struct run *u, const struct item *it)
{
	int most = 0;

	for (size_t i = 0; i < u->p.n_factors; i++) {
		if (it->hours && it->hours[i] > most)
			most = it->hours[i];
		if (!it->hours && it->factors >> i & 1)
			most = SS_HOURS_A_DAY;
	}
	return most;
}

static void put_factors(const struct run *u, const struct item *it, struct ss_json *o)
{
	ss_json_key(o, "factors");
	ss_json_arr(o);
	for (size_t i = 0; i < u->p.n_factors; i++) {
		int n = it->hours ? it->hours[i] : (int)(it->factors >> i & 1) * SS_HOURS_A_DAY;

		if (n == 0)
			continue;
		ss_json_obj(o);
		ss_json_kz(o, "factor", u->p.factors[i].code);
		ss_json_ki64(o, "hours", n);
		ss_json_end_obj(o);
	}
	ss_json_end_arr(o);
}

static void put_close(const struct fact_close *c, struct ss_json *o)
{
	ss_json_key(o, "closed");
	if (!c) {
		ss_json_null(o);
		return;
	}
	ss_json_obj(o);
	ss_json_ktime(o, "at", c->at_us);
	ss_json_kz(o, "by", c->by);
	ss_json_kz(o, "code", c->code);
	ss_json_kz(o, "note", c->note);
	ss_json_end_obj(o);
}

static int put_item(struct run *u, int64_t day, const struct item *it, const struct day_sheet *s,
		    int hours)
{
	static const struct ss_basis basis = {.rule = "sheet"};
	struct ss_buf body = SS_BUF_MAX(16384);
	struct ss_json o = ss_json_on(&body);
	const struct fact_close *c;
	bool closed;
	int r;

	pthread_rwlock_rdlock(&u->r->facts.lock);
	c = close_of(facts_of(&u->r->facts, u->p.site, u->p.point), it->what, day);
	closed = c != NULL;
	ss_json_obj(&o);
	put_close(c, &o);
	put_factors(u, it, &o);
	if (it->proposal)
		ss_json_kz(&o, "proposal", "A01");
	if (it->reasons)
		put_reasons(&o, s->reasons);
	ss_json_end_obj(&o);
	pthread_rwlock_unlock(&u->r->facts.lock);
	r = row_new(u, "sheet_item", "", it->what, ss_day_start(day), ss_day_start(day + 1),
		    closed ? "closed" : "open", hours, &basis, &body);
	ss_buf_done(&body);
	return r;
}

static int drop_item(struct run *u, int64_t day, const char *what)
{
	struct ss_finding was;
	int r = read_row(u, "sheet_item", "", what, ss_day_start(day), &was, NULL);

	if (r == SS_ENOTFOUND || (r == 0 && was.withdrawn))
		return 0;
	return r < 0 ? r : row_withdraw(u, &was);
}

int sheet_emit(struct run *u, int64_t day, const struct day_sheet *s, const struct day_law *law)
{
	const struct item items[] = {
	    {.what = "not_received", .hours = s->missing},
	    {.what = "invalid", .hours = s->invalid, .reasons = true},
	    {.what = "unmarked", .hours = s->unmarked, .proposal = s->stop_flags},
	    {.what = "over", .factors = s->over},
	};
	int r = 0;

	(void)law;
	for (size_t i = 0; r == 0 && i < SS_ARRAY_LEN(items); i++) {
		int hours = worst(u, &items[i]);

		r = hours ? put_item(u, day, &items[i], s, hours)
			  : drop_item(u, day, items[i].what);
	}
	return r;
}

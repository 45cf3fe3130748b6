/* Suspicions of the line: frames of a small simulated city whose answers are known; the same rows
 * for shuffled and doubled input, after a rebuild, and for a stretch that comes late; a verdict
 * stands in the journal. On both engines. */
#include <stdlib.h>
#include <unistd.h>

#include "city/city.h"
#include "db/line_fixture.h"
#include "reason/suspect/suspect.h"

#define T0 INT64_C(1769702400000000) /* 2026-01-30 00:00 +08:00 */
#define DAYS 39
#define WAIT (300 * SS_US_PER_SEC)
#define DEVICES 12
#define OUTLETS 5 /* the first of the city speak */

static void make(struct line_env *l)
{
	const struct ss_suspect_parts p = {l->registry, l->series, l->findings};
	struct ss_suspect *s;
	struct ss_error e = {0};

	assert_ok(ss_suspect_new(&p, &s, &e), &e);
	ss_suspect_hurry(s);
	l->own = s;
	l->derivers[l->n_derivers++] = *ss_suspect_deriver(s);
}

static void drop(struct line_env *l)
{
	ss_suspect_free(l->own);
}

struct town {
	struct ss_arena arena;
	struct ss_city city;
};

static void town_make(struct town *t)
{
	const struct ss_city_plot_ask ask = {.month_us = T0 + 30 * SS_US_PER_DAY,
					     .spread_us = SS_US_PER_DAY,
					     .outlets = OUTLETS,
					     .cheats = 3};

	ss_arena_init(&t->arena, 64 << 20);
	assert_int_equal(ss_city_make(&t->arena, 12, DEVICES, 60, &t->city), 0);
	assert_int_equal(ss_city_plot(&t->city, &ask), 0);
	for (int i = 0; i < DEVICES; i++) {
		struct ss_city_plot *p = &t->city.plots[i];

		t->city.devices[i].traits = 0;
		memcpy(t->city.devices[i].edition, "2017", 5); /* in clear */
		if (p->kind == SS_PLOT_D2)                     /* no limits are set here */
			*p = (struct ss_city_plot){SS_PLOT_D9, 2,          -1,      false,
						   -1,         p->from_us, p->to_us};
	}
}

static void open_at(struct line_env *l, struct db_env *env, const char *sub, const struct town *t,
		    const struct line_env *journal_of)
{
	ss_cleanup(ss_buf_done) struct ss_buf csv = SS_BUF_MAX(1 << 20);

	line_env_place(l, env, sub);
	l->make = make;
	l->drop = drop;
	if (journal_of)
		line_env_journal_of(l, journal_of);
	line_env_open(l);
	ss_buf_addz(&csv,
		    "mn,site_code,site_name,kind,district,lon,lat,point,edition,interval_s\n");
	for (int i = 0; i < DEVICES; i++) {
		const struct ss_city_device *d = &t->city.devices[i];
		const struct ss_city_site *s = &t->city.sites[d->site];

		ss_buf_addf(&csv, "%s,%s,%s,%s,320106,%.5f,%.5f,%s,2017,3600\n", d->mn, s->code,
			    s->name, ss_city_kind_key(s->kind), s->lon, s->lat, d->point);
	}
	line_env_register(l, csv.p);
	line_env_start(l);
}

/* The hour record of a device, packet by packet. */
static void put_hour(struct line_env *l, const struct town *t, int device, int hour)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 16);
	int64_t data = T0 + hour * SS_US_PER_HOUR, at = data + SS_US_PER_HOUR + SS_US_PER_SEC;
	struct ss_city_event e = {.send_us = at, .data_us = data, .cn = 2061};
	struct ss_str rest, line;

	if (ss_city_dark(&t->city, device, data + SS_US_PER_HOUR / 2))
		return;
	assert_int_equal(ss_city_frame(&t->city, device, &e, &b), 0);
	rest = ss_buf_str(&b);
	while (ss_str_split(&rest, '\n', &line))
		line_env_put(l, SS_ENTRY_HJ212, at, ss_str_n(line.p, line.n + 1));
}

static bool speaks(const struct town *t, int device)
{
	int before = 0;

	for (int i = 0; i < device; i++)
		before += ss_city_is_outlet(&t->city, i);
	return device == 0 || /* an air station */
	       (ss_city_is_outlet(&t->city, device) && before < OUTLETS);
}

/* but: a device of which hours [from, to) are left out; -1 none. */
static void put_all(struct line_env *l, const struct town *t, int but, int from, int to)
{
	for (int h = 0; h < DAYS * 24; h++)
		for (int d = 0; d < DEVICES; d++)
			if (speaks(t, d) && (d != but || h < from || h >= to))
				put_hour(l, t, d, h);
}

static void put_shuffled(struct line_env *l, const struct town *t)
{
	int n = DAYS * 24 * DEVICES, *order = calloc((size_t)n, sizeof(int));
	uint64_t seed = 7;

	assert_non_null(order);
	for (int i = 0; i < n; i++)
		order[i] = i;
	for (int i = n; i > 1; i--) {
		int k, held;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		k = (int)((seed >> 33) % (uint64_t)i);
		held = order[k];
		order[k] = order[i - 1];
		order[i - 1] = held;
	}
	for (int i = 0; i < n; i++)
		for (int twice = 0; twice < 1 + (i % 9 == 0); twice++)
			if (speaks(t, order[i] % DEVICES))
				put_hour(l, t, order[i] % DEVICES, order[i] / DEVICES);
	free(order);
}

static void wait_idle(struct line_env *l)
{
	int64_t until = ss_time_mono() + WAIT;
	struct ss_suspect_stat st;

	line_env_settle(l);
	do {
		usleep(20000);
		ss_suspect_stat(l->own, &st);
		if (st.failed)
			fail_msg("%s", st.why);
		assert_true(ss_time_mono() < until);
	} while (st.waiting > 0);
}

struct listed {
	int n;
	char sites[16][40];
	char id[SS_FINDING_ID], state[16];
	int32_t version;
	struct line_env *l;
};

static bool list_one(void *arg, const struct ss_finding *f)
{
	struct listed *x = arg;
	struct ss_site s;

	assert_int_equal(ss_registry_site(x->l->registry, f->key.site, &s), 0);
	memcpy(x->sites[x->n++ % 16], s.code, sizeof(s.code));
	ss_finding_id(&f->key, f->start_us, x->id, sizeof(x->id));
	ss_str_copy(x->state, sizeof(x->state), ss_str_of(f->state));
	x->version = f->version;
	assert_true(ss_str_find(f->body, SS_STR("\"sentence\":\"")) > 0);
	assert_true(f->value > 0.5);
	return true;
}

/* Ends the line, so that all that was put is in the store. */
static void digest_of(struct line_env *l, struct listed *x, char hex[65])
{
	struct ss_finding_query q = {.kind = "suspicion",
				     .from = SS_TIME_NONE,
				     .to = SS_TIME_NONE,
				     .after_start = SS_TIME_NONE,
				     .fn = list_one,
				     .arg = x};
	struct ss_error e = {0};

	wait_idle(l);
	ss_line_stop(l->line);
	l->line = NULL;
	*x = (struct listed){.l = l};
	assert_ok(ss_findings_each(l->findings, &q, &e), &e);
	line_env_digest(l, "suspicion", hex);
}

static bool is_listed(const struct listed *x, const char *code)
{
	for (int i = 0; i < x->n; i++)
		if (strcmp(x->sites[i], code) == 0)
			return true;
	return false;
}

static void say(struct line_env *l, const char *id, const char *by, const char *verdict)
{
	json_t *target = json_pack("{s:s}", "suspicion", id);
	json_t *data = json_pack("{s:s}", "verdict", verdict);
	ss_cleanup(ss_buf_done) struct ss_buf result = SS_BUF_MAX(1 << 16);
	struct ss_error e = {0};
	char act[37];

	assert_ok(ss_acts_append(l->acts,
				 &(struct ss_act_new){.act = SS_ACT_VERDICT,
						      .by = by,
						      .target = target,
						      .data = data,
						      .reason = "现场查过",
						      .at_us = T0 + 100 * SS_US_PER_DAY},
				 WAIT, act, &result, &e),
		  &e);
	json_decref(target);
	json_decref(data);
}

/* What two people say about it stands side by side, after a rebuild too. */
static void who_cheats_is_found_in_any_order(struct db_env *env)
{
	char straight[65], decided[65], shuffled[65], again[65];
	struct listed x;
	struct line_env l, m;
	struct town t;

	town_make(&t);
	open_at(&l, env, "straight", &t, NULL);
	put_all(&l, &t, -1, 0, 0);
	digest_of(&l, &x, straight);
	for (int d = 0; d < DEVICES; d++) {
		bool cheats = ss_city_plot_class(t.city.plots[d].kind) == SS_PLOT_CHEAT;

		if (speaks(&t, d) && d > 0)
			assert_int_equal(is_listed(&x, t.city.sites[d].code), cheats);
	}
	assert_int_equal(x.n, 3);
	line_env_close(&l);
	line_env_open(&l); /* a line has one life */
	l.put = 0;
	line_env_start(&l);
	say(&l, x.id, "王工", "confirmed");
	say(&l, x.id, "李工", "false");
	digest_of(&l, &x, decided);
	assert_string_not_equal(straight, decided);
	line_env_close(&l);

	open_at(&m, env, "shuffled", &t, NULL);
	put_shuffled(&m, &t);
	digest_of(&m, &x, shuffled);
	line_env_close(&m);
	assert_string_equal(straight, shuffled);

	open_at(&m, env, "rebuild", &t, &l);
	digest_of(&m, &x, again);
	line_env_close(&m);
	assert_string_equal(decided, again);
	ss_arena_done(&t.arena);
}

/* Data that come after the city has gone on open the suspicion all the same. */
static void late_data_open_it_all_the_same(struct db_env *env)
{
	char late[65];
	struct listed x;
	struct line_env l;
	struct town t;
	int cheat = -1;

	town_make(&t);
	for (int d = 1; d < DEVICES; d++)
		if (ss_city_plot_class(t.city.plots[d].kind) == SS_PLOT_CHEAT)
			cheat = d;
	assert_true(cheat > 0);
	open_at(&l, env, "late", &t, NULL);
	put_all(&l, &t, cheat, 29 * 24, DAYS * 24);
	wait_idle(&l);
	for (int h = 29 * 24; h < DAYS * 24; h++)
		put_hour(&l, &t, cheat, h);
	wait_idle(&l);
	digest_of(&l, &x, late);
	assert_true(is_listed(&x, t.city.sites[cheat].code));
	assert_int_equal(x.n, 3);
	line_env_close(&l);
	ss_arena_done(&t.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {DB_TEST(who_cheats_is_found_in_any_order),
					   DB_TEST(late_data_open_it_all_the_same)};

	return db_test_main("suspect", tests, SS_ARRAY_LEN(tests));
}

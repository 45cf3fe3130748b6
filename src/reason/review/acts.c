/* The acts of review: marks, checks, visits, parameters, explanations, closings. Validation may
 * refuse on any thread; applying keeps a row, the fact in memory, and marks what it changes to be
 * judged again. */
#include <math.h>

#include "base/thread.h"
#include "reason/review/review_internal.h"

#define COPY(dst, z) ss_str_copy(dst, sizeof(dst), ss_str_of(z))

static int64_t time_of(const json_t *o, const char *key, int64_t otherwise)
{
	int64_t t;

	return ss_time_parse_iso(ss_str_of(ss_json_get_z(o, key)), &t) == 0 ? t : otherwise;
}

static int64_t site_of(const struct ss_act *a)
{
	return json_integer_value(json_object_get(a->target, "site"));
}

static int64_t day_of(const struct ss_act *a)
{
	return ss_day_of(time_of(a->target, "day", 0));
}

static int check_place(struct ss_review *r, const struct ss_act *a, struct ss_error *err)
{
	struct ss_site s;

	if (ss_registry_site(r->parts.registry, site_of(a), &s) < 0)
		return ss_error_set(err, SS_ENOTFOUND, "没有站点 %lld no such site",
				    (long long)site_of(a));
	if (!law_reviews(s.kind))
		return ss_error_set(
		    err, SS_EINVAL,
		    "站点 %s（%s）的数据不在审核之列 data of this kind of site are not reviewed",
		    s.name, ss_site_kind_key(s.kind));
	if (strlen(ss_json_get_z(a->target, "point")) >= sizeof(((struct fact_mark *)0)->point) ||
	    strlen(ss_json_get_z(a->target, "factor")) >= sizeof(((struct fact_mark *)0)->factor))
		return ss_error_set(err, SS_EINVAL, "target.point 或 target.factor 过长 too long");
	if (ss_json_get_z(a->target, "factor")[0] &&
	    role_of(s.kind, ss_json_get_z(a->target, "factor")) == ROLE_NONE)
		return ss_error_set(err, SS_EINVAL, "target.factor %s 不在审核之列 is not reviewed",
				    ss_json_get_z(a->target, "factor"));
	return 0;
}

/* --- keeping -----------------------------------------------------------------------------------
 */

struct keep {
	const char *kind, *point, *factor, *sub, *state;
	int64_t site, start_us, end_us;
	double value;
};

static int keep_row(struct ss_review *r, const struct ss_act *a, const struct keep *k, json_t *body,
		    struct ss_error *err)
{
	struct ss_buf text = SS_BUF_MAX(SS_FINDING_BODY_MAX);
	struct ss_finding f = {.key = {.site = k->site},
			       .start_us = k->start_us,
			       .end_us = k->end_us,
			       .state = k->state,
			       .value = k->value,
			       .basis = {.rule = a->act, .code = CODE_VERSION},
			       .seq = a->seq,
			       .known_us = a->at_us};
	int res;

	COPY(f.key.kind, k->kind);
	COPY(f.key.point, k->point);
	COPY(f.key.factor, k->factor);
	COPY(f.key.sub, k->sub);
	res = body ? ss_json_canonical(&text, body) : SS_ENOMEM;
	f.body = ss_buf_str(&text);
	if (res == 0)
		res = ss_findings_put(r->parts.findings, &f, err);
	ss_buf_done(&text);
	json_decref(body);
	return res;
}

static void judge_again(struct ss_review *r, int64_t site, const char *point, int64_t from_us,
			int64_t to_us, uint64_t seq)
{
	struct point *p;
	SS_LOCKED(&r->lock);

	p = point_of(r, site, point);
	if (p)
		touch_span(r, p, from_us, to_us, seq);
}

static void iso_set(json_t *o, const char *key, int64_t t_us)
{
	char text[SS_TIME_ISO];

	if (t_us == SS_TIME_NONE || t_us == INT64_MAX) {
		json_object_set_new(o, key, json_null());
		return;
	}
	text[ss_time_fmt_iso(text, t_us)] = 0;
	json_object_set_new(o, key, json_string(text));
}

static json_t *copy_members(const json_t *from)
{
	return from ? json_deep_copy(from) : json_object();
}

static void say(struct ss_json *result, const char *id, const char *state)
{
	ss_json_kz(result, "id", id);
	ss_json_kz(result, "state", state);
}

/* --- marks --------------------------------------------------------------------------------------
 */

static int refuse(enum ss_mark_fault fault, const struct ss_mark_rule *rule,
		  const struct ss_mark *m, const struct mark_law *law, struct ss_error *err)
{
	char until[SS_TIME_ISO];

	until[ss_time_fmt_iso(until, ss_mark_deadline(rule, m->from_us))] = 0;
	switch (fault) {
	case SS_MARK_FINE:
		return 0;
	case SS_MARK_BACKWARDS:
		return ss_error_set(
		    err, SS_EINVAL,
		    "data.to 不晚于 data.from：标记须有先后 the mark ends before it begins");
	case SS_MARK_FUTURE:
		return ss_error_set(
		    err, SS_EINVAL,
		    "data.from 晚于填报时刻超过 %g 小时，到时再填 a mark begins at most %g h ahead",
		    rule->ahead_hours, rule->ahead_hours);
	case SS_MARK_LATE:
		return ss_error_set(err, SS_EDENIED,
				    "已过填报期限 %s；须写明 reason，由管理部门受理 filed after "
				    "%s: give a reason, the desk decides",
				    until, until);
	case SS_MARK_OVERLAPS:
		return ss_error_set(err, SS_EEXISTS,
				    "同一排口、因子已有 %c 类标记与之重叠，请修订原标记 overlaps a "
				    "mark of class %c: revise that one",
				    m->cls, m->cls);
	default:
		return ss_error_set(err, SS_EINVAL,
				    "标记 %s（%s）须附 data.evidence：%s this mark needs evidence",
				    m->code, law->name,
				    rule->needs_report ? "报告编号 number of the report"
						       : "手工监测记录 manual samples");
	}
}

/* Marks in force that could overlap; `but` is the one being revised. The lock is held. */
static size_t others_of(const struct facts *f, int64_t site, const char *point, const char *factor,
			const char *but, struct ss_mark *ret, size_t cap)
{
	const struct point_facts *p = facts_of(f, site, point);
	size_t n = 0;

	for (size_t i = 0; p && i < p->marks.n && n < cap; i++) {
		const struct fact_mark *m = &p->marks.v[i];

		if (m->state == SS_MARK_REFUSED || strcmp(m->id, but) == 0 ||
		    (m->factor[0] && factor[0] && strcmp(m->factor, factor) != 0))
			continue;
		ret[n++] = m->m;
	}
	return n;
}

#define OTHERS_MAX 4096
static int check_mark(struct ss_review *r, int64_t site, const char *point, const char *factor,
		      const char *but, const struct ss_mark *m, const struct mark_law *law,
		      struct ss_error *err)
{
	struct ss_mark *others = calloc(OTHERS_MAX, sizeof(*others));
	enum ss_mark_fault fault;
	size_t n;

	if (!others)
		return SS_ENOMEM;
	pthread_rwlock_rdlock(&r->facts.lock);
	n = others_of(&r->facts, site, point, factor, but, others, OTHERS_MAX);
	pthread_rwlock_unlock(&r->facts.lock);
	fault = ss_mark_check(&law->rule, m, others, n);
	free(others);
	return refuse(fault, &law->rule, m, law, err);
}

static int law_of_code(int64_t from_us, const char *code, struct mark_law *ret,
		       struct ss_error *err)
{
	if (law_of_mark(ss_day_of(from_us), code, ret) == 0)
		return 0;
	return ss_error_set(err, SS_EINVAL,
			    "data.code %s 不在标记字典中（GET /api/v1/review/dictionary）is not in "
			    "the dictionary of marks",
			    code);
}

static struct ss_mark mark_of_act(const struct ss_act *a, const struct mark_law *law)
{
	struct ss_mark m = {.cls = law->cls,
			    .from_us = time_of(a->data, "from", 0),
			    .to_us = time_of(a->data, "to", INT64_MAX),
			    .filed_us = a->at_us,
			    .has_reason = a->reason[0] != 0,
			    .has_evidence = ss_json_get_z(a->data, "evidence")[0] != 0};

	COPY(m.code, ss_json_get_z(a->data, "code"));
	return m;
}

static int validate_file(void *self, const struct ss_act *a, struct ss_error *err)
{
	struct ss_review *r = self;
	struct mark_law law;
	struct ss_mark m;
	int res = check_place(r, a, err);

	if (res == 0)
		res = law_of_code(time_of(a->data, "from", 0), ss_json_get_z(a->data, "code"), &law,
				  err);
	if (res < 0)
		return res;
	m = mark_of_act(a, &law);
	return check_mark(r, site_of(a), ss_json_get_z(a->target, "point"),
			  ss_json_get_z(a->target, "factor"), "", &m, &law, err);
}

int tell_mark(struct ss_review *r, const struct fact_mark *m, bool holds, struct ss_error *err)
{
	const struct ss_review_mark x = {.site = m->site,
					 .point = m->point,
					 .factor = m->factor,
					 .id = m->id,
					 .from_us = m->m.from_us,
					 .to_us = m->m.to_us,
					 .holds = holds};

	return r->hooks.mark ? r->hooks.mark(r->hooks.arg, &x, err) : 0;
}

static int keep_mark(struct ss_review *r, const struct ss_act *a, const struct fact_mark *m,
		     const json_t *more, struct ss_error *err)
{
	json_t *o = copy_members(more);
	char cls[2] = {m->m.cls, 0};
	struct keep k = {.kind = "mark",
			 .point = m->point,
			 .factor = m->factor,
			 .sub = m->id,
			 .state = ss_mark_state_key(m->state),
			 .site = m->site,
			 .start_us = m->key_start_us,
			 .end_us = m->m.to_us == INT64_MAX ? SS_TIME_NONE : m->m.to_us,
			 .value = NAN};
	int res;

	if (!o)
		return SS_ENOMEM;
	json_object_set_new(o, "class", json_string(cls));
	json_object_set_new(o, "code", json_string(m->m.code));
	json_object_set_new(o, "filed_by", json_string(m->filed_by));
	json_object_set_new(o, "revision", json_integer(m->revision));
	json_object_set_new(o, "source", json_string(m->manual ? "manual" : "auto"));
	iso_set(o, "filed_at", m->m.filed_us);
	iso_set(o, "from", m->m.from_us);
	iso_set(o, "to", m->m.to_us);
	res = keep_row(r, a, &k, o, err);
	return res < 0 ? res : tell_mark(r, m, m->state == SS_MARK_ACCEPTED, err);
}

static bool mark_known(struct ss_review *r, const char *id, struct fact_mark *ret)
{
	const struct fact_mark *m;

	pthread_rwlock_rdlock(&r->facts.lock);
	m = facts_mark(&r->facts, id);
	if (m)
		*ret = *m;
	pthread_rwlock_unlock(&r->facts.lock);
	return m != NULL;
}

static int said_before(struct ss_review *r, const struct fact_mark *m, const struct ss_act *a,
		       struct ss_json *result)
{
	judge_again(r, m->site, m->point, m->m.from_us, m->m.to_us, a->seq);
	say(result, m->id, ss_mark_state_key(m->state));
	return 0;
}

static int apply_file(void *self, const struct ss_act *a, struct ss_json *result,
		      struct ss_error *err)
{
	struct ss_review *r = self;
	struct mark_law law;
	struct fact_mark m = {.site = site_of(a), .seq = a->seq, .revision = 1};
	json_t *more;
	int res;

	if (law_of_mark(ss_day_of(time_of(a->data, "from", 0)), ss_json_get_z(a->data, "code"),
			&law) < 0) {
		ss_json_kz(result, "fault", "code");
		return 0;
	}
	if (mark_known(r, a->id, &m) && m.seq >= a->seq)
		return said_before(r, &m, a, result);
	m.m = mark_of_act(a, &law);
	m.effect = law.effect;
	m.key_start_us = m.m.from_us;
	m.manual = strcmp(ss_json_get_z(a->data, "source"), "auto") != 0;
	m.state = ss_mark_first(&law.rule, &m.m);
	COPY(m.id, a->id);
	COPY(m.point, ss_json_get_z(a->target, "point"));
	COPY(m.factor, ss_json_get_z(a->target, "factor"));
	COPY(m.filed_by, a->by);
	more = json_pack("{s:s,s:s}", "evidence", ss_json_get_z(a->data, "evidence"), "reason",
			 a->reason);
	pthread_rwlock_wrlock(&r->facts.lock);
	res = facts_add_mark(&r->facts, &m);
	pthread_rwlock_unlock(&r->facts.lock);
	if (res == 0)
		res = keep_mark(r, a, &m, more, err);
	json_decref(more);
	judge_again(r, m.site, m.point, m.m.from_us, m.m.to_us, a->seq);
	say(result, m.id, ss_mark_state_key(m.state));
	return res;
}

/* The mark that an act names; SS_ENOTFOUND. */
static int mark_named(struct ss_review *r, const struct ss_act *a, struct fact_mark *ret,
		      struct ss_error *err)
{
	const char *id = ss_json_get_z(a->target, "mark");

	return mark_known(r, id, ret)
		   ? 0
		   : ss_error_set(err, SS_ENOTFOUND, "没有标记 %s no such mark", id);
}

static void revised(const struct ss_act *a, const struct fact_mark *was, struct fact_mark *ret)
{
	*ret = *was;
	ret->m.from_us = time_of(a->data, "from", was->m.from_us);
	ret->m.to_us = time_of(a->data, "to", was->m.to_us);
	ret->m.has_reason = a->reason[0] != 0;
	ret->m.has_evidence = ss_json_get_z(a->data, "evidence")[0] != 0;
	ret->m.filed_us = a->at_us;
	if (ss_json_get_z(a->data, "code")[0])
		COPY(ret->m.code, ss_json_get_z(a->data, "code"));
}

static int validate_revise(void *self, const struct ss_act *a, struct ss_error *err)
{
	struct ss_review *r = self;
	struct fact_mark was, m;
	struct mark_law law;
	int res = mark_named(r, a, &was, err);

	if (res < 0)
		return res;
	if (was.state == SS_MARK_REFUSED)
		return ss_error_set(
		    err, SS_ESTATE,
		    "标记 %s 已被退回，请重新填报 the mark was refused: file a new one", was.id);
	revised(a, &was, &m);
	res = law_of_code(m.m.from_us, m.m.code, &law, err);
	if (res < 0)
		return res;
	m.m.cls = law.cls;
	return check_mark(r, m.site, m.point, m.factor, m.id, &m.m, &law, err);
}

static int put_mark(struct ss_review *r, const struct fact_mark *m)
{
	struct fact_mark *at;

	pthread_rwlock_wrlock(&r->facts.lock);
	at = facts_mark(&r->facts, m->id);
	if (at)
		*at = *m;
	pthread_rwlock_unlock(&r->facts.lock);
	return at ? 0 : SS_ENOTFOUND;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int apply_revise(void *self, const struct ss_act *a, struct ss_json *result,
			struct ss_error *err)
{
	struct ss_review *r = self;
	struct fact_mark was, m;
	struct mark_law law;
	json_t *more;
	int res;

	if (mark_named(r, a, &was, NULL) < 0) {
		ss_json_kz(result, "fault", "mark");
		return 0;
	}
	if (was.seq >= a->seq) /* known since before a crash */
		return said_before(r, &was, a, result);
	revised(a, &was, &m);
	if (law_of_mark(ss_day_of(m.m.from_us), m.m.code, &law) == 0) {
		m.m.cls = law.cls;
		m.effect = law.effect;
		m.state = ss_mark_first(&law.rule, &m.m);
	}
	m.m.filed_us = was.m.filed_us;
	m.revision = was.revision + 1;
	m.seq = a->seq;
	put_mark(r, &m);
	res = tell_mark(r, &was, false, err);
	if (res < 0)
		return res;
	more = json_pack("{s:s,s:s,s:s}", "evidence", ss_json_get_z(a->data, "evidence"), "reason",
			 a->reason, "revised_by", a->by);
	iso_set(more, "revised_at", a->at_us);
	res = keep_mark(r, a, &m, more, err);
	json_decref(more);
	judge_again(r, m.site, m.point, least(was.m.from_us, m.m.from_us),
		    most(was.m.to_us, m.m.to_us), a->seq);
	say(result, m.id, ss_mark_state_key(m.state));
	return res;
}

static int validate_decision(void *self, const struct ss_act *a, struct ss_error *err)
{
	struct fact_mark m;

	return mark_named(self, a, &m, err);
}

static enum ss_mark_state decided(const char *act)
{
	if (strcmp(act, "mark.accept") == 0)
		return SS_MARK_ACCEPTED;
	return strcmp(act, "mark.doubt") == 0 ? SS_MARK_DOUBTED : SS_MARK_REFUSED;
}

static int apply_decision(void *self, const struct ss_act *a, struct ss_json *result,
			  struct ss_error *err)
{
	struct ss_review *r = self;
	struct fact_mark m;
	json_t *more;
	int res;

	if (mark_named(r, a, &m, NULL) < 0) {
		ss_json_kz(result, "fault", "mark");
		return 0;
	}
	if (m.seq >= a->seq)
		return said_before(r, &m, a, result);
	m.state = decided(a->act);
	m.seq = a->seq;
	m.revision++;
	put_mark(r, &m);
	more = json_pack("{s:s,s:s}", "decided_by", a->by, "decision", a->reason);
	iso_set(more, "decided_at", a->at_us);
	res = keep_mark(r, a, &m, more, err);
	json_decref(more);
	judge_again(r, m.site, m.point, m.m.from_us, m.m.to_us, a->seq);
	say(result, m.id, ss_mark_state_key(m.state));
	return res;
}

/* --- checks -------------------------------------------------------------------------------------
 */

static double law_bound(const struct ss_act *a, double set)
{
	const struct ss_law_row *row;
	int64_t day = ss_day_of(time_of(a->data, "at", 0));
	double percent;

	if (strcmp(ss_json_get_z(a->data, "kind"), "standard_sample") != 0 ||
	    ss_json_get_z(a->target, "factor")[0] != 'w')
		return NAN;
	percent = ss_law_parameter(ss_law_now(), "wastewater/parameters", "standard_check.error",
				   day, &row);
	return fabs(set) * percent / 100;
}

/* 1 passed, 0 failed, -1 cannot be said. */
static int passed(const struct ss_act *a, struct fact_check *c)
{
	const json_t *said = json_object_get(a->data, "passed");

	c->set = json_number_of(a->data, "set");
	c->read = json_number_of(a->data, "read");
	c->error = c->read - c->set;
	c->bound = json_number_of(a->data, "bound");
	if (isnan(c->bound) && !isnan(c->set))
		c->bound = law_bound(a, c->set);
	if (json_is_boolean(said))
		return json_is_true(said);
	if (isnan(c->error) || isnan(c->bound))
		return -1;
	return fabs(c->error) <= c->bound;
}

static int validate_check(void *self, const struct ss_act *a, struct ss_error *err)
{
	struct fact_check c;
	int res = check_place(self, a, err);

	if (res < 0)
		return res;
	if (time_of(a->data, "at", 0) > a->at_us)
		return ss_error_set(err, SS_EINVAL, "data.at 在将来 lies in the future");
	if (passed(a, &c) < 0)
		return ss_error_set(
		    err, SS_EINVAL,
		    "校验结果不明：给出 data.passed，或 data.set、data.read 与 data.bound cannot "
		    "tell whether it passed: give passed, or set, read and bound");
	return 0;
}

/* From the passed check before it to the passed one after it. */
static void reach_of_check(const struct facts *f, const struct fact_check *c, int64_t *ret_from,
			   int64_t *ret_to)
{
	const struct point_facts *p = facts_of(f, c->site, c->point);

	*ret_from = c->at_us;
	*ret_to = INT64_MAX;
	for (size_t i = 0; p && i < p->checks.n; i++) {
		const struct fact_check *x = &p->checks.v[i];

		if (x->at_us < c->at_us)
			*ret_from = x->passed || *ret_from == c->at_us ? x->at_us : *ret_from;
		if (x->at_us > c->at_us && x->passed) {
			*ret_to = x->at_us;
			break;
		}
	}
}

static int apply_check(void *self, const struct ss_act *a, struct ss_json *result,
		       struct ss_error *err)
{
	struct ss_review *r = self;
	struct fact_check c = {.site = site_of(a), .at_us = time_of(a->data, "at", 0)};
	json_t *o = copy_members(a->data);
	struct keep k;
	int64_t from, to;
	int res;

	c.passed = passed(a, &c) == 1;
	COPY(c.id, a->id);
	COPY(c.point, ss_json_get_z(a->target, "point"));
	COPY(c.factor, ss_json_get_z(a->target, "factor"));
	COPY(c.kind, ss_json_get_z(a->data, "kind"));
	pthread_rwlock_wrlock(&r->facts.lock);
	res = facts_add_check(&r->facts, &c);
	reach_of_check(&r->facts, &c, &from, &to);
	pthread_rwlock_unlock(&r->facts.lock);
	k = (struct keep){.kind = "check",
			  .point = c.point,
			  .factor = c.factor,
			  .sub = c.id,
			  .state = c.passed ? "passed" : "failed",
			  .site = c.site,
			  .start_us = c.at_us,
			  .end_us = c.at_us,
			  .value = c.error};
	json_object_set_new(o, "by", json_string(a->by));
	if (!isnan(c.error))
		json_object_set_new(o, "error", json_real(c.error));
	if (!isnan(c.bound))
		json_object_set_new(o, "bound", json_real(c.bound));
	if (res == 0)
		res = keep_row(r, a, &k, o, err);
	judge_again(r, c.site, c.point, from, to, a->seq);
	say(result, c.id, k.state);
	return res;
}

/* --- parameters, visits -------------------------------------------------------------------------
 */

static int validate_parameter(void *self, const struct ss_act *a, struct ss_error *err)
{
	if (!json_object_get(a->data, "value") && !ss_json_get_z(a->data, "text")[0])
		return ss_error_set(
		    err, SS_EINVAL,
		    "须有 data.value 或 data.text：参数的值 a value or a text is needed");
	return check_place(self, a, err);
}

static int apply_parameter(void *self, const struct ss_act *a, struct ss_json *result,
			   struct ss_error *err)
{
	struct ss_review *r = self;
	struct fact_parameter x = {.site = site_of(a),
				   .from_us = time_of(a->data, "from", a->at_us),
				   .value = json_number_of(a->data, "value"),
				   .reported = json_is_true(json_object_get(a->data, "reported"))};
	struct keep k = {.kind = "parameter",
			 .site = x.site,
			 .start_us = x.from_us,
			 .end_us = SS_TIME_NONE,
			 .value = x.value,
			 .state = x.reported ? "reported" : "filed"};
	json_t *o = copy_members(a->data);
	char sub[72];
	int res;

	COPY(x.point, ss_json_get_z(a->target, "point"));
	COPY(x.factor, ss_json_get_z(a->target, "factor"));
	COPY(x.name, ss_json_get_z(a->data, "name"));
	COPY(x.text, ss_json_get_z(a->data, "text"));
	snprintf(sub, sizeof(sub), "%s%s", x.reported ? "@" : "", x.name);
	k.point = x.point;
	k.factor = x.factor;
	k.sub = sub;
	pthread_rwlock_wrlock(&r->facts.lock);
	res = facts_add_parameter(&r->facts, &x);
	pthread_rwlock_unlock(&r->facts.lock);
	json_object_set_new(o, "by", json_string(a->by));
	if (res == 0)
		res = keep_row(r, a, &k, o, err);
	judge_again(r, x.site, x.point, x.from_us, INT64_MAX, a->seq);
	say(result, a->id, k.state);
	return res;
}

static int validate_visit(void *self, const struct ss_act *a, struct ss_error *err)
{
	int64_t in = time_of(a->data, "in", 0), out = time_of(a->data, "out", INT64_MAX);

	if (out < in)
		return ss_error_set(err, SS_EINVAL,
				    "data.out 早于 data.in the visit ends before it begins");
	return check_place(self, a, err);
}

static int apply_visit(void *self, const struct ss_act *a, struct ss_json *result,
		       struct ss_error *err)
{
	struct keep k = {.kind = "visit",
			 .point = ss_json_get_z(a->target, "point"),
			 .factor = "",
			 .sub = a->id,
			 .state = "filed",
			 .site = site_of(a),
			 .start_us = time_of(a->data, "in", a->at_us),
			 .end_us = time_of(a->data, "out", SS_TIME_NONE),
			 .value = NAN};
	json_t *o = copy_members(a->data);

	json_object_set_new(o, "by", json_string(a->by));
	say(result, a->id, k.state);
	return keep_row(self, a, &k, o, err);
}

/* --- explanations and closings ------------------------------------------------------------------
 */

/* The row of a day that an act speaks of, with its end. */
static int find_row(struct ss_review *r, const struct ss_act *a, const char *kind,
		    const char *factor, const char *sub, struct ss_error *err)
{
	struct ss_finding_key k = {.site = site_of(a)};
	struct ss_finding f;
	struct ss_arena arena;
	int res;

	COPY(k.kind, kind);
	COPY(k.point, ss_json_get_z(a->target, "point"));
	COPY(k.factor, factor);
	COPY(k.sub, sub);
	ss_arena_init(&arena, 1 << 20);
	res = ss_findings_get(r->parts.findings, &k, ss_day_start(day_of(a)), &arena, &f, NULL);
	if (res == 0 && f.withdrawn)
		res = SS_ENOTFOUND;
	ss_arena_done(&arena);
	return res == SS_ENOTFOUND
		   ? ss_error_set(err, SS_ENOTFOUND,
				  "%s 当日没有这一项（%s %s）nothing of that kind on that day",
				  ss_json_get_z(a->target, "day"), kind, sub)
		   : res;
}

static int validate_explanation(void *self, const struct ss_act *a, struct ss_error *err)
{
	int res = check_place(self, a, err);

	return res < 0
		   ? res
		   : find_row(self, a, "exceed_day", ss_json_get_z(a->target, "factor"), "", err);
}

static void judge_day(struct ss_review *r, const struct ss_act *a)
{
	struct point *p;
	struct dirty *d;
	SS_LOCKED(&r->lock);

	p = point_of(r, site_of(a), ss_json_get_z(a->target, "point"));
	d = p ? dirty_of(p, day_of(a)) : NULL;
	if (!d)
		return;
	d->phases |= 1u << PHASE_DAY;
	point_queue(r, p, a->seq);
}

static struct keep keep_of_day(const struct ss_act *a, const char *kind)
{
	return (struct keep){.kind = kind,
			     .point = ss_json_get_z(a->target, "point"),
			     .factor = "",
			     .sub = "",
			     .site = site_of(a),
			     .start_us = ss_day_start(day_of(a)),
			     .end_us = ss_day_start(day_of(a) + 1),
			     .value = NAN};
}

/* A word about a day is a row of its own, and the day is judged again. added: of the fact. */
static int keep_word(struct ss_review *r, const struct ss_act *a, const struct keep *k, int added,
		     const char *state, struct ss_json *result, struct ss_error *err)
{
	json_t *o = copy_members(a->data);
	int res = added;

	json_object_set_new(o, "by", json_string(a->by));
	iso_set(o, "at", a->at_us);
	if (res == 0)
		res = keep_row(r, a, k, o, err);
	else
		json_decref(o);
	judge_day(r, a);
	say(result, a->id, state);
	return res;
}

static int apply_explanation(void *self, const struct ss_act *a, struct ss_json *result,
			     struct ss_error *err)
{
	struct ss_review *r = self;
	struct fact_explanation x = {.site = site_of(a), .day = day_of(a), .at_us = a->at_us};
	struct keep k = keep_of_day(a, "explanation");
	int added;

	k.factor = ss_json_get_z(a->target, "factor");
	k.state = "filed";
	COPY(x.point, k.point);
	COPY(x.factor, k.factor);
	COPY(x.by, a->by);
	COPY(x.text, ss_json_get_z(a->data, "text"));
	pthread_rwlock_wrlock(&r->facts.lock);
	added = facts_add_explanation(&r->facts, &x);
	pthread_rwlock_unlock(&r->facts.lock);
	return keep_word(r, a, &k, added, k.state, result, err);
}

static int validate_close(void *self, const struct ss_act *a, struct ss_error *err)
{
	const char *code = ss_json_get_z(a->data, "code");
	int res = check_place(self, a, err);

	if (res < 0)
		return res;
	if (!ss_law_find(ss_law_table(ss_law_now(), "review/closing"), day_of(a), SS_LAW_KEY(code)))
		return ss_error_set(err, SS_EINVAL,
				    "data.code %s 不在关闭代码中（GET "
				    "/api/v1/review/dictionary）is not a closing code",
				    code);
	return find_row(self, a, "sheet_item", "", ss_json_get_z(a->target, "what"), err);
}

static int apply_close(void *self, const struct ss_act *a, struct ss_json *result,
		       struct ss_error *err)
{
	struct ss_review *r = self;
	struct fact_close c = {.site = site_of(a), .day = day_of(a), .at_us = a->at_us};
	struct keep k = keep_of_day(a, "sheet_close");
	int added;

	k.sub = ss_json_get_z(a->target, "what");
	k.state = ss_json_get_z(a->data, "code");
	COPY(c.point, k.point);
	COPY(c.what, k.sub);
	COPY(c.code, k.state);
	COPY(c.by, a->by);
	COPY(c.note, ss_json_get_z(a->data, "note"));
	pthread_rwlock_wrlock(&r->facts.lock);
	added = facts_add_close(&r->facts, &c);
	pthread_rwlock_unlock(&r->facts.lock);
	return keep_word(r, a, &k, added, "closed", result, err);
}

/* --- the kinds ----------------------------------------------------------------------------------
 */

#define SITE                                                                                       \
	{                                                                                          \
		"site", SS_ACT_INTEGER, true, "站点编号", "id of the site", NULL                   \
	}
#define POINT                                                                                      \
	{                                                                                          \
		"point", SS_ACT_STRING, false, "排口或测点，缺省为站点本身", "outlet or point",    \
		    NULL                                                                           \
	}
#define DAY_                                                                                       \
	{                                                                                          \
		"day", SS_ACT_DAY, true, "日期", "day", NULL                                       \
	}
#define END                                                                                        \
	{                                                                                          \
		.name = NULL                                                                       \
	}
static const struct ss_act_field t_place[] = {
    SITE,
    POINT,
    {"factor", SS_ACT_STRING, false, "因子，缺省为全部", "factor, all by default", NULL},
    END};
static const struct ss_act_field t_factor[] = {
    SITE, POINT, {"factor", SS_ACT_STRING, true, "因子", "factor", NULL}, END};
static const struct ss_act_field t_outlet[] = {SITE, POINT, END};
static const struct ss_act_field t_mark[] = {
    {"mark", SS_ACT_STRING, true, "标记编号", "id of the mark", NULL}, END};
static const struct ss_act_field t_over[] = {
    SITE, POINT, DAY_, {"factor", SS_ACT_STRING, true, "因子", "factor", NULL}, END};
static const struct ss_act_field t_item[] = {
    SITE,
    POINT,
    DAY_,
    {"what", SS_ACT_STRING, true, "哪一项", "which item", "not_received|invalid|unmarked|over"},
    END};
static const struct ss_act_field d_file[] = {
    {"code", SS_ACT_STRING, true, "标记代码", "code of the mark", NULL},
    {"from", SS_ACT_TIME, true, "起", "from", NULL},
    {"to", SS_ACT_TIME, false, "止，缺省未结束", "to, open by default", NULL},
    {"source", SS_ACT_STRING, false, "来源", "source", "auto|manual"},
    {"evidence", SS_ACT_STRING, false, "佐证：手工监测、报告编号、运维单", "evidence", NULL},
    END};
static const struct ss_act_field d_revise[] = {
    {"code", SS_ACT_STRING, false, "标记代码", "code of the mark", NULL},
    {"from", SS_ACT_TIME, false, "起", "from", NULL},
    {"to", SS_ACT_TIME, false, "止", "to", NULL},
    {"evidence", SS_ACT_STRING, false, "佐证", "evidence", NULL},
    END};
static const struct ss_act_field d_check[] = {
    {"kind", SS_ACT_STRING, true, "种类", "kind", "zero|span|standard_sample|parallel|comparison"},
    {"at", SS_ACT_TIME, true, "时刻", "time", NULL},
    {"set", SS_ACT_NUMBER, false, "标准值", "set value", NULL},
    {"read", SS_ACT_NUMBER, false, "读数", "reading", NULL},
    {"bound", SS_ACT_NUMBER, false, "允许误差（绝对值）", "bound of the error", NULL},
    {"passed", SS_ACT_BOOL, false, "合格", "passed", NULL},
    {"mn", SS_ACT_STRING, false, "设备", "device", NULL},
    END};
static const struct ss_act_field d_parameter[] = {
    {"name", SS_ACT_STRING, true,
     "参数：o2_ref basis range_high detection_limit limit_day limit_day_low maintainer 等", "name",
     NULL},
    {"value", SS_ACT_NUMBER, false, "值", "value", NULL},
    {"text", SS_ACT_STRING, false, "文字值或出处", "text, or the source", NULL},
    {"from", SS_ACT_TIME, false, "生效，缺省为现在", "in force from, now by default", NULL},
    {"reported", SS_ACT_BOOL, false, "设备上报（非备案）", "as the device reports it", NULL},
    END};
static const struct ss_act_field d_visit[] = {
    {"technician", SS_ACT_STRING, true, "运维人员", "technician", NULL},
    {"in", SS_ACT_TIME, true, "进站", "in", NULL},
    {"out", SS_ACT_TIME, false, "离站", "out", NULL},
    {"work", SS_ACT_STRING, true, "工作内容", "work done", NULL},
    {"parts", SS_ACT_STRING, false, "更换件", "parts", NULL},
    {"evidence", SS_ACT_STRING, false, "照片、定位等", "photographs, position", NULL},
    END};
static const struct ss_act_field d_text[] = {
    {"text", SS_ACT_STRING, true, "说明", "explanation", NULL},
    {"evidence", SS_ACT_STRING, false, "佐证", "evidence", NULL},
    END};
static const struct ss_act_field d_close[] = {
    {"code", SS_ACT_STRING, true, "关闭代码", "closing code", NULL},
    {"note", SS_ACT_STRING, false, "备注", "note", NULL},
    END};

const struct ss_act_kind review_acts[] = {
    {"mark.file", "填报标记", "file a mark", t_place, d_file, false, validate_file, apply_file},
    {"mark.revise", "修订标记", "revise a mark", t_mark, d_revise, true, validate_revise,
     apply_revise},
    {"mark.accept", "认可标记", "accept a mark", t_mark, NULL, false, validate_decision,
     apply_decision},
    {"mark.doubt", "存疑标记", "doubt a mark", t_mark, NULL, true, validate_decision,
     apply_decision},
    {"mark.refuse", "退回标记", "refuse a mark", t_mark, NULL, true, validate_decision,
     apply_decision},
    {"calibration.file", "登记校准校验", "file a calibration or check", t_factor, d_check, false,
     validate_check, apply_check},
    {"visit.file", "登记运维", "file a visit", t_outlet, d_visit, false, validate_visit,
     apply_visit},
    {"device.parameter", "登记设备参数", "file a parameter", t_place, d_parameter, false,
     validate_parameter, apply_parameter},
    {"explanation.file", "说明超标", "explain a day over the limit", t_over, d_text, false,
     validate_explanation, apply_explanation},
    {"sheet.close", "关闭日清单项", "close an item of the daily sheet", t_item, d_close, false,
     validate_close, apply_close},
    {.name = NULL},
};

#include "reason/standards/standards.h"
#include "serve/api/api_internal.h"

#include <math.h>

int ss_api_need(const void *part, const char *name, struct ss_error *err)
{
	if (part)
		return 0;
	return ss_error_set(err, SS_EUNSUPPORTED, "本节点没有运行 %s；this node runs no %s", name,
			    name);
}

void ss_put_hex(struct ss_json *j, const char *key, const uint8_t *p, size_t n)
{
	char hex[2 * 64];

	ss_assert(n <= 64);
	ss_hex_encode(hex, p, n);
	ss_json_kstr(j, key, ss_str_n(hex, 2 * n));
}

void ss_put_tip(struct ss_json *j, const struct ss_tip *tip)
{
	ss_json_obj(j);
	ss_json_ki64(j, "group", (int64_t)tip->group);
	ss_json_ktime(j, "time", tip->time_us);
	ss_put_hex(j, "sm3", tip->chain, sizeof(tip->chain));
	ss_json_end_obj(j);
}

void ss_put_district(struct ss_json *j, const char *code)
{
	const struct ss_district *d = ss_registry_district(ss_str_of(code));

	if (!*code) {
		ss_json_null(j);
		return;
	}
	ss_json_obj(j);
	ss_json_kz(j, "code", code);
	ss_json_kz(j, "name", d ? d->zh : code);
	ss_json_kz(j, "name_en", d ? d->en : code);
	ss_json_end_obj(j);
}

struct ss_str ss_factor_of(const struct ss_api *api, const struct ss_series_key *k,
			   struct ss_factor *ret)
{
	bool total = strcmp(k->stat, "Cou") == 0;
	struct ss_str unit;
	struct ss_site site;

	/* What no table knows is shown by its code. */
	*ret = (struct ss_factor){
	    .name = k->factor, .name_en = k->factor, .unit = "", .total_unit = ""};
	ss_law_factor(ss_law_now(), k->factor, ret);
	unit = ss_str_of(total && *ret->total_unit ? ret->total_unit : ret->unit);
	if (!total && api->registry && ss_registry_site(api->registry, k->site, &site) == 0)
		unit = ss_unit_of(site.kind, k->factor, unit);
	return unit;
}

void ss_put_factor(struct ss_json *j, struct ss_api *api, const struct ss_series_key *k)
{
	struct ss_factor f;
	struct ss_str unit = ss_factor_of(api, k, &f);

	ss_json_kz(j, "factor", k->factor);
	ss_json_kz(j, "name", f.name);
	ss_json_kz(j, "name_en", f.name_en);
	ss_json_kstr(j, "unit", unit);
}

void ss_put_mark(struct ss_json *j, uint8_t mark)
{
	char c = mark ? (char)mark : 'N';

	ss_json_str(j, ss_str_n(&c, 1));
}

void ss_put_series(struct ss_json *j, struct ss_api *api, const struct ss_series_info *s)
{
	ss_json_obj(j);
	ss_json_ki64(j, "id", s->id);
	ss_json_ki64(j, "site", s->key.site);
	ss_put_factor(j, api, &s->key);
	ss_json_kz(j, "stat", s->key.stat);
	ss_json_kz(j, "period", ss_period_key(s->key.period));
	ss_json_kz(j, "point", s->key.point);
	ss_json_ki64(j, "count", s->count);
	ss_json_ktime(j, "first_time", s->first_us);
	ss_json_ktime(j, "last_time", s->last_us);
	ss_json_end_obj(j);
}

void ss_put_faults(struct ss_json *j, uint32_t faults)
{
	ss_json_arr(j);
	for (; faults; faults &= faults - 1) {
		uint32_t bit = faults & -faults;

		if (!ss_hj212_fault_key(bit))
			continue;
		ss_json_obj(j);
		ss_json_kz(j, "key", ss_hj212_fault_key(bit));
		ss_json_kz(j, "rule", ss_hj212_fault_rule(bit));
		ss_json_kz(j, "zh", ss_hj212_fault_zh(bit));
		ss_json_kz(j, "en", ss_hj212_fault_en(bit));
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
}

void ss_put_value(struct ss_buf *b, double v)
{
	char out[SS_DOUBLE_MAX];

	if (isfinite(v))
		ss_buf_add(b, out, ss_fmt_double(out, v));
	else
		ss_buf_add(b, "null", 4);
}

void ss_put_rollups(struct ss_buf *b, const struct ss_rollup *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ss_buf_addz(b, i ? ",[" : "[");
		ss_buf_add_i64(b, r[i].start_us / 1000);
		ss_buf_addc(b, ',');
		ss_put_value(b, r[i].mean);
		ss_buf_addc(b, ',');
		ss_put_value(b, r[i].min);
		ss_buf_addc(b, ',');
		ss_put_value(b, r[i].max);
		ss_buf_addc(b, ',');
		ss_buf_add_i64(b, r[i].n);
		ss_buf_addc(b, ',');
		ss_buf_add_i64(b, r[i].n_valid);
		ss_buf_addc(b, ']');
	}
	ss_buf_addc(b, ']');
}

/* --- parameters that several resources have
 * --------------------------------------------------------- */

bool ss_api_sees(const struct ss_request *rq, int64_t site)
{
	const struct ss_api *api = rq->app;

	return ss_scope_sees_id(rq->actor->scope, api->registry, site);
}

int ss_api_series(struct ss_request *rq, struct ss_series_info *ret, struct ss_error *err)
{
	int64_t id;
	int r = ss_request_i64(rq, "id", 0, 0, INT32_MAX, &id, err);

	if (r == 0)
		r = ss_api_need(ss_api_of(rq)->series, "series", err);
	if (r == 0 && (ss_series_info(ss_api_of(rq)->series, (int32_t)id, ret) < 0 ||
		       !ss_api_sees(rq, ret->key.site)))
		r = ss_error_set(err, SS_ENOTFOUND,
				 "没有编号为 %lld 的序列；there is no series %lld", (long long)id,
				 (long long)id);
	return r;
}

int ss_api_span(struct ss_request *rq, int64_t span_us, int64_t *ret_from, int64_t *ret_to,
		struct ss_error *err)
{
	int64_t from, to;
	int r = ss_request_time(rq, "to", ss_time_now(), &to, err);

	if (r == 0)
		r = ss_request_time(rq, "from", to - span_us, &from, err);
	if (r < 0)
		return r;
	if (from >= to) {
		ss_request_blame(rq, "from");
		return ss_error_set(err, SS_EINVAL,
				    "参数 from 须早于 to；parameter from must be before to");
	}
	*ret_from = from;
	*ret_to = to;
	return 0;
}

int ss_api_period(struct ss_request *rq, enum ss_period def, enum ss_period *ret,
		  struct ss_error *err)
{
	struct ss_str s = ss_request_param(rq, "period");

	*ret = def;
	if (!s.p)
		return 0;
	for (int i = 0; i < SS_PERIOD_COUNT_; i++) {
		if (ss_str_is(s, ss_period_key((enum ss_period)i))) {
			*ret = (enum ss_period)i;
			return 0;
		}
	}
	ss_request_blame(rq, "period");
	return ss_error_set(
	    err, SS_EINVAL,
	    "参数 period 须为 rtd、minute、hour 或 day；parameter period must be rtd, "
	    "minute, hour or day");
}

int ss_api_rollup(struct ss_request *rq, const char *name, enum ss_rollup_period def,
		  enum ss_rollup_period *ret, struct ss_error *err)
{
	static const char *const keys[] = {"hour", "day", "month", "year"};
	struct ss_str s = ss_request_param(rq, name);

	*ret = def;
	if (!s.p)
		return 0;
	for (size_t i = 0; i < SS_ARRAY_LEN(keys); i++) {
		if (ss_str_is(s, keys[i])) {
			*ret = (enum ss_rollup_period)i;
			return 0;
		}
	}
	ss_request_blame(rq, name);
	return ss_error_set(
	    err, SS_EINVAL,
	    "参数 %s 须为 hour、day、month 或 year；parameter %s must be hour, day, month "
	    "or year",
	    name, name);
}

void ss_api_keep(struct ss_request *rq, const char *const *names)
{
	const json_t *body = ss_request_json(rq), *v;
	struct ss_json *d = ss_request_detail(rq);

	for (; *names; names++) {
		ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(16u << 10);

		v = json_object_get(body, *names);
		if (!v)
			continue;
		ss_json_key(d, *names);
		if (ss_json_canonical(&b, v) == 0)
			ss_json_raw(d, ss_buf_str(&b));
		else
			ss_json_z(d, "…");
	}
}

#include "serve/api/api_internal.h"

static bool count_site(void *arg, const struct ss_site *s)
{
	int64_t *n = arg;

	if ((unsigned)s->kind < SS_SITE_KIND_COUNT_)
		n[s->kind]++;
	return true;
}

static void put_devices(struct ss_json *j, const struct ss_states_sum *sum)
{
	ss_json_key(j, "devices");
	ss_json_obj(j);
	ss_json_ki64(j, "total", sum->total);
	for (int i = 0; i < SS_DEVICE_STATE_COUNT_; i++)
		ss_json_ki64(j, ss_device_state_key((enum ss_device_state)i), sum->devices[i]);
	ss_json_end_obj(j);
	ss_json_key(j, "frames");
	ss_json_obj(j);
	ss_json_ki64(j, "total", sum->frames);
	ss_json_kdouble(j, "per_second", sum->per_second);
	ss_json_ki64(j, "faulty", sum->faulty);
	ss_json_end_obj(j);
}

static void put_sites(struct ss_json *j, struct ss_api *api, const struct ss_scope *sc)
{
	int64_t n[SS_SITE_KIND_COUNT_] = {0};

	if (api->registry)
		ss_registry_sites_in(api->registry, sc, count_site, n);
	ss_json_key(j, "sites");
	ss_json_obj(j);
	for (int i = 0; i < SS_SITE_KIND_COUNT_; i++)
		ss_json_ki64(j, ss_site_kind_key((enum ss_site_kind)i), n[i]);
	ss_json_end_obj(j);
}

/* The journal is of the whole city: who sees a part is told nothing of it. */
static void put_journal(struct ss_json *j, struct ss_api *api, bool whole)
{
	struct ss_journal_stat st = {0};
	struct ss_tip tip;
	uint8_t chain[32];

	if (api->journal && whole)
		ss_journal_stat(api->journal, &st);
	ss_json_key(j, "journal");
	ss_json_obj(j);
	ss_json_ki64(j, "entries", (int64_t)st.entries);
	ss_json_ki64(j, "durable", (int64_t)st.entries);
	ss_json_key(j, "tip");
	if (st.tip_group && ss_journal_tip_for(api->journal, st.tip_group, &tip, chain) == 0)
		ss_put_tip(j, &tip);
	else
		ss_json_null(j);
	ss_json_end_obj(j);
}

struct part {
	struct ss_api *api;
	const struct ss_scope *scope;
	struct ss_states_sum sum;
};

static bool count_device(void *arg, const struct ss_device_live *d)
{
	struct part *p = arg;

	if (!ss_scope_sees_device(p->scope, p->api->registry, ss_str_of(d->mn)))
		return true;
	p->sum.total++;
	p->sum.devices[d->state]++;
	p->sum.frames += d->frames;
	p->sum.faulty += d->faulty;
	return true;
}

static void put_summary(struct ss_api *api, const struct ss_scope *sc, struct ss_json *j)
{
	struct part p = {.api = api, .scope = sc};
	bool whole = ss_scope_is_all(sc);

	if (api->states && whole)
		ss_states_sum(api->states, &p.sum);
	else if (api->states)
		ss_states_each(api->states, count_device, &p);
	ss_json_obj(j);
	ss_json_ktime(j, "time", ss_time_now());
	put_devices(j, &p.sum);
	put_sites(j, api, sc);
	put_journal(j, api, whole);
	ss_json_end_obj(j);
}

/* For the live stream, which gives it to those only who see everything. */
void ss_api_summary_put(struct ss_api *api, struct ss_json *j)
{
	static const struct ss_scope everything = {.all = true, .label = SS_LABEL_RESTRICTED};

	put_summary(api, &everything, j);
}

int ss_get_summary(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);

	(void)err;
	put_summary(ss_api_of(rq), rq->actor->scope, &j);
	return 0;
}

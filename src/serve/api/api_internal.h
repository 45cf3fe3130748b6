/* What the resources share. */
#pragma once

#include "base/base.h"
#include "base/json.h"
#include "record/journal/journal.h"
#include "record/registry/registry.h"
#include "record/registry/scope.h"
#include "record/series/series.h"
#include "sense/dialogue/dialogue.h"
#include "sense/gateway/gateway.h"
#include "sense/hj212/hj212.h"
#include "serve/api/alarms.h"
#include "serve/api/api.h"
#include "serve/api/states_internal.h"

/* The schema of that name in schemas.json, as the tables of routes say it. */
#define SS_REF(name) "{\"$ref\":\"#/components/schemas/" name "\"}"

static inline struct ss_api *ss_api_of(struct ss_request *rq)
{
	return rq->app;
}
/* 0, or SS_EUNSUPPORTED when a part that the resource needs is not there. */
int ss_api_need(const void *part, const char *name, struct ss_error *err);

/* --- page.c: cursors. Opaque to clients: hex of a tag (the list and its order) and the last key,
 * so that a page goes on behind that key whatever was added or removed in between. */
struct ss_page {
	int64_t limit;
	struct ss_str after; /* key of the last item seen; .p NULL at the start */
};
int ss_page_open(struct ss_request *rq, const char *tag, int64_t def, int64_t most,
		 struct ss_page *ret, struct ss_error *err);
/* "next": cursor or null. key .p NULL = this was the last page. */
void ss_page_next(struct ss_json *j, const char *tag, struct ss_str key);
/* Hex text back to "tag:key"; SS_EINVAL. */
/* Lists of falling ids: the id below which the page begins, and the next page's. */
int ss_page_before(struct ss_request *rq, const char *tag, struct ss_page *page, int64_t *ret,
		   struct ss_error *err);
void ss_page_next_id(struct ss_json *j, const char *tag, bool more, int64_t id);
int ss_cursor_parse(struct ss_str text, const char *tag, struct ss_arena *a,
		    struct ss_str *ret_key);

/* --- put.c: things of which several resources speak, always in the same words. -------------------
 */
void ss_put_tip(struct ss_json *j, const struct ss_tip *tip); /* object */
/* Members of the request's body that the audit keeps with the act, where they are there: never
 * secrets, never personal data. names ends with NULL. Before the act: a refusal is told as well. */
void ss_api_keep(struct ss_request *rq, const char *const *names);
void ss_put_hex(struct ss_json *j, const char *key, const uint8_t *p, size_t n);
void ss_put_district(struct ss_json *j, const char *code); /* object or null */
#define SS_FACTOR_TRAFFIC "VehFlow"                        /* vehicles an hour */
/* Members factor, name, name_en, unit; the unit is the one its kind of site reports in. */
void ss_put_factor(struct ss_json *j, struct ss_api *api, const struct ss_series_key *k);
/* Its names, and the unit; texts of the law, or of the key. */
struct ss_factor;
struct ss_str ss_factor_of(const struct ss_api *api, const struct ss_series_key *k,
			   struct ss_factor *ret);
/* Unit of a factor at a kind of site, `otherwise` where nothing special holds. Static text. */
struct ss_str ss_unit_of(enum ss_site_kind kind, const char *factor, struct ss_str otherwise);
void ss_put_series(struct ss_json *j, struct ss_api *api,
		   const struct ss_series_info *s);     /* object */
void ss_put_mark(struct ss_json *j, uint8_t mark);      /* "N" */
void ss_put_faults(struct ss_json *j, uint32_t faults); /* array of {key, rule, zh, en} */
void ss_put_value(struct ss_buf *b, double v); /* number or null, no comma: for long arrays */
/* [start_ms, mean, min, max, n, n_valid] ...] behind a "[" that is there already */
void ss_put_rollups(struct ss_buf *b, const struct ss_rollup *r, size_t n);

/* sites.c: a site as the list tells it, as it was at that time (SS_TIME_NONE = now). Nothing when
 * it is gone. */
int ss_site_put(struct ss_json *j, struct ss_api *api, struct ss_arena *a, int64_t id, int64_t at,
		struct ss_error *err);

/* Whether who asks may see the site, the series of it. */
bool ss_api_sees(const struct ss_request *rq, int64_t site);
/* seen.c: likewise what is of a site, or of none: then only for those from whom nothing is hidden.
 */
struct ss_finding_key;
bool ss_api_sees_all(const struct ss_request *rq);
bool ss_api_may(const struct ss_request *rq, const char *permission); /* besides the route's */
bool ss_api_sees_finding(const struct ss_request *rq, const struct ss_finding_key *k);
bool ss_api_sees_figure(struct ss_request *rq, struct ss_str id);
bool ss_api_sees_entry(struct ss_request *rq, const struct ss_entry *e);
const char *ss_act_permission(const char *act); /* acts.c; NULL: nobody may */
bool ss_api_sees_target(const struct ss_request *rq, const json_t *target); /* of an act */
/* The series of a parameter {id}; SS_ENOTFOUND, also for what he may not see. */
int ss_api_series(struct ss_request *rq, struct ss_series_info *ret, struct ss_error *err);
/* from and to with defaults: the last `span_us` up to now. from < to and at most `most_us` apart.
 */
int ss_api_span(struct ss_request *rq, int64_t span_us, int64_t *ret_from, int64_t *ret_to,
		struct ss_error *err);
int ss_api_period(struct ss_request *rq, enum ss_period def, enum ss_period *ret,
		  struct ss_error *err);
int ss_api_rollup(struct ss_request *rq, const char *name, enum ss_rollup_period def,
		  enum ss_rollup_period *ret, struct ss_error *err);

/* --- device.c */
struct ss_device_row; /* a device of the list */
void ss_put_device(struct ss_json *j, struct ss_api *api, const struct ss_device_live *l);

/* --- frame.c: a journal entry as people read it. Passwords are masked. */
struct ss_frame_view {
	struct ss_str raw; /* UTF-8; lives in the arena */
	const char *encoding;
	int64_t highlight_start, highlight_end; /* in UTF-16 units of raw; -1 = none */
};
/* Puts the members of one entry: seq, arrived, peer, kind, raw, encoding, verdict, crc_field,
 * crc_calc, faults, group, chain_sm3, tip, highlight. factor may be NULL: nothing is highlighted.
 * Returns whether the factor was found (true without one). */
bool ss_put_entry(struct ss_json *j, struct ss_api *api, struct ss_arena *a,
		  const struct ss_entry *e, const char *factor, const char *stat);
/* The entry's body, decrypted where the device encrypted it and its key is known (true). Lives in
 * a. */
bool ss_frame_plain(struct ss_api *api, struct ss_arena *a, const struct ss_entry *e,
		    struct ss_str *ret);
/* Replaces the value of each PW= in place by '*'. */
void ss_mask_password(char *p, size_t n);
/* Whether the frame has a value of the factor and statistic, and where in the bytes. */
bool ss_frame_find(struct ss_str raw, const char *factor, const char *stat, size_t *ret_start,
		   size_t *ret_end);

/* Records that a device owes for a day at one every so many seconds, up to now: from its
 * registration on; of an earlier day only when it reported then (history). -1: not known. */
int64_t ss_records_promised(const struct ss_device *d, int64_t every, int64_t day, bool reported);

/* --- rehearse.c: answers of `shanshui rehearse --json` (cmd/rehearse.h). changes: array or NULL.
 */
int ss_api_rehearse(struct ss_request *rq, const json_t *changes, int64_t site, struct ss_buf *out,
		    struct ss_error *err);

/* --- acts.c */
struct ss_act;
struct ss_act_new;
/* Who acts: the person who has signed in, whatever the body says; else the name in the body ("" =
 * none), which nobody has proven. Lives in the request's arena or in body. */
const char *ss_api_by(struct ss_request *rq, const json_t *body);
/* Appends the act and answers with its id and what it changed: for resources that are one act. */
int ss_api_act(struct ss_request *rq, struct ss_response *rs, const struct ss_act_new *n,
	       struct ss_error *err);
void ss_put_act(struct ss_json *j, const struct ss_act *a, struct ss_str result); /* object */

/* Handlers, one file a resource; the table is in routes.c. */
ss_handler ss_get_acts, ss_post_act, ss_get_act_kinds, ss_get_alarm, ss_get_alarm_counts,
    ss_get_limits;
ss_handler ss_get_suspicions, ss_get_suspicion, ss_post_verdict, ss_get_detectors;
ss_handler ss_get_scorecard, ss_post_rehearse, ss_get_explain, ss_post_recompute, ss_post_evidence,
    ss_get_anchors;
ss_handler ss_get_audit, ss_get_audit_stat, ss_post_audit_verify, ss_get_session, ss_post_session,
    ss_delete_session, ss_get_sessions, ss_delete_sessions, ss_put_password, ss_post_totp,
    ss_put_totp, ss_post_step_up, ss_post_setup, ss_get_users, ss_post_user, ss_patch_user,
    ss_put_user_password, ss_put_user_label, ss_delete_user_sessions, ss_post_unmask, ss_get_orgs,
    ss_post_org, ss_get_roles, ss_get_assignments, ss_post_assignment, ss_delete_assignment,
    ss_get_tokens, ss_post_token, ss_delete_token, ss_post_challenge, ss_post_session_cert,
    ss_get_ca, ss_post_ca, ss_post_ca_renew, ss_get_ca_chain, ss_get_ca_crl, ss_get_certificates,
    ss_post_certificate, ss_post_certificate_renew, ss_post_certificate_revoke, ss_get_openid,
    ss_get_jwks, ss_get_authorize, ss_post_authorize, ss_post_sso_logout, ss_post_sso_token,
    ss_get_userinfo, ss_get_sso_logout, ss_get_cas_login, ss_get_cas_validate, ss_get_cas_validate3,
    ss_get_clients, ss_post_client, ss_patch_client, ss_delete_client, ss_patch_org,
    ss_get_delegations, ss_post_delegation, ss_delete_delegation, ss_post_emergency,
    ss_post_emergency_agree, ss_get_emergencies, ss_post_emergency_review, ss_post_review,
    ss_get_people;
ss_handler ss_get_calculators, ss_post_calc, ss_get_summary, ss_get_sites, ss_get_site,
    ss_get_public_sites, ss_get_public_site, ss_get_points, ss_get_rollup, ss_get_latest,
    ss_get_matrix, ss_get_top, ss_get_origin, ss_get_devices, ss_get_device, ss_post_device,
    ss_post_import, ss_post_table, ss_post_command, ss_get_command, ss_get_commands,
    ss_delete_command, ss_post_key, ss_post_conformance, ss_get_conformance, ss_get_command_table,
    ss_get_gaps, ss_post_gap_retry, ss_get_contract, ss_put_contract, ss_get_arrivals, ss_get_clock,
    ss_get_journal_stat, ss_get_entry, ss_get_entries, ss_get_districts, ss_get_factors,
    ss_get_alarms, ss_get_noise, ss_get_exposure, ss_get_reconciliation, ss_post_province,
    ss_get_standards, ss_get_standard, ss_get_standard_csv, ss_get_standard_row,
    ss_get_standards_search, ss_get_standards_diff, ss_get_standards_history,
    ss_post_standards_check, ss_post_amendment, ss_post_codes, ss_get_conflicts, ss_get_judged,
    ss_get_deadline, ss_get_health, ss_get_metrics;
ss_handler ss_get_review_rows, ss_get_review_hours, ss_get_review_calendar, ss_get_review_sheet,
    ss_get_review_transmission, ss_get_review_dictionary, ss_get_review_cover;

/* The acts log: what people do is first an entry of the journal, so that it stands in the same hash
 * chain as the frames. An act is canonical JSON
 *   {"act","at","by","data":{...},"id","reason","target":{...}}
 * of a registered kind. ss_acts_append checks, journals, waits until it is durable and until the
 * line has applied it; the line applies acts in the journal's order through the deriver that
 * registered the kind. Kept queryable (ss_findings_acts), rebuilt from the journal. */
#pragma once

#include "base/base.h"
#include "record/findings/findings.h"

struct ss_acts;
struct ss_entry;
struct ss_journal;

/* Cursor of the acts that no deriver registered. */
#define SS_ACTS_CURSOR "acts"

/* Both borrowed, outlive it. */
int ss_acts_new(struct ss_journal *j, struct ss_findings *f, struct ss_acts **ret);
void ss_acts_free(struct ss_acts *a); /* nobody waits any more; NULL-safe */

/* Kinds that derivers or others offer; static memory. deriver: name of the cursor that says which
 * acts were applied; NULL = the acts' own. Before the line starts. SS_EEXISTS. */
int ss_acts_register(struct ss_acts *a, const struct ss_act_kind *kinds, void *self,
		     const char *deriver, struct ss_error *err);
/* Kinds in order of name; NULL at the end. */
const struct ss_act_kind *ss_acts_kind(const struct ss_acts *a, size_t i);

const char *ss_act_type_name(enum ss_act_type t); /* "string" "number" ...; static */

/* What is to be done. Texts and objects are borrowed. */
struct ss_act_new {
	const char *id; /* chosen by the caller, who may hand it over again; NULL = a new one */
	const char *act, *by;
	const json_t *target, *data; /* NULL = {} */
	const char *reason;          /* NULL = "" */
	int64_t at_us;               /* SS_TIME_NONE = now */
	bool verified;               /* `by` has signed in */
};
/* Checks against the kind (SS_ENOTFOUND: no such act; SS_EINVAL names the field; whatever validate
 * says), writes, waits. The id goes to ret_id, what it changed (JSON object) is added to result.
 * SS_ENOSPC, SS_EIO: not written. SS_ETIMEOUT: written (ret_id is set), will be applied, but the
 * line has not come so far. Any thread, not the line's. */
int ss_acts_append(struct ss_acts *a, const struct ss_act_new *n, int64_t timeout_us,
		   char ret_id[37], struct ss_buf *result, struct ss_error *err);
/* The same checks alone: nothing is written. Any thread. */
int ss_acts_check(struct ss_acts *a, const struct ss_act_new *n, struct ss_error *err);

/* Reads an entry's body. Texts of *ret borrow from *hold (json_decref) and body. SS_EPARSE. */
int ss_act_parse(struct ss_str body, struct ss_act *ret, json_t **hold, struct ss_error *err);

/* Line thread: applies the entry (kind SS_ENTRY_ACT) and puts it into the findings; an act that the
 * deriver has already, or that came before under the same id, is passed over. A kind nobody knows
 * is kept with that as its result; a body that cannot be read stays in the journal only. */
int ss_acts_apply(struct ss_acts *a, const struct ss_entry *e, struct ss_error *err);
/* Line thread: all up to seq is durable in the findings; wakes who waits for it. */
void ss_acts_committed(struct ss_acts *a, uint64_t seq);

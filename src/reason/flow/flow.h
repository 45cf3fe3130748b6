/* The case engine: declared flows run over records. A case is a record of its flow's type with a
 * state; what a state asks for, who may act in it, its clocks and what must be there before it is
 * left come from the declaration (docs/cases.md). Law and business stand in declarations and
 * standards/, never here.
 *
 * Every act is one transaction of the business database: record, state, tasks, clocks, number,
 * trace and notices change together or not at all; called inside ss_business_write it takes part in
 * that one. A ladder's step fires once for each (clock, step), whatever is killed, run twice or
 * moved.
 *
 * Problems of declarations and of acts are JSON arrays that are appended to: declarations
 * {"file","line","field","zh","en"}; acts {"what","id","zh","en"} with what: field file document
 * sub signer guard. Thread: any. */
#pragma once

#include "base/base.h"
#include "base/json.h"
#include "base/script.h"
#include "record/business/business.h"
#include "record/things/things.h"

struct ss_flows;
struct ss_files;

/* People are to be told. */
struct ss_flow_notice {
	const char *kind, *act, *flow, *id, *state, *title, *zh, *en;
	const json_t *to;        /* {"users":[],"roles":[],"area","org"} */
	int64_t due_us, late_us; /* SS_TIME_NONE = none */
};

struct ss_flows_settings {
	struct ss_business *business;
	struct ss_things *things;
	struct ss_files *files; /* NULL: no attachments */
	/* Bytes of a file of a module (templates of documents). NULL: there are none. */
	int (*text)(void *arg, const char *module, const char *path, struct ss_buf *out,
		    struct ss_error *err);
	/* An account: {"id","name","org"}; SS_ENOTFOUND. NULL: ids are taken as they come. */
	int (*person)(void *arg, const char *id, json_t **ret);
	/* Inside the transaction. May be NULL. */
	int (*notify)(void *arg, struct ss_db *db, const struct ss_flow_notice *notice,
		      struct ss_error *err);
	/* Inside the transaction: event "case.opened" "case.moved" "case.closed" of a flow. May be
	 * NULL. */
	int (*event)(void *arg, struct ss_db *db, const char *event, const char *flow,
		     const json_t *c, struct ss_error *err);
	/* After the commit: {"flow","id","state","area","org","n"}. May be NULL. */
	void (*told)(void *arg, struct ss_str event);
	void *arg;
};
int ss_flows_open(const struct ss_flows_settings *s, struct ss_flows **ret, struct ss_error *err);
void ss_flows_close(struct ss_flows *f); /* NULL-safe */

/* --- declarations ----------------------------------------------------------------------------- */

/* All modules' declarations; those of kind "flow" are taken, "record" is looked at. SS_EINVAL with
 * problems: then nothing changed. */
int ss_flows_load(struct ss_flows *f, const json_t *declarations, const struct ss_script *script,
		  json_t *problems, struct ss_error *err);
/* The same check without a database. text as in the settings, may be NULL: templates are not read.
 */
int ss_flows_check(const json_t *declarations, json_t *problems, struct ss_error *err);
/* The flows whose records he may read: [{"id","title","record","module","states":[..],"counts"}].
 */
int ss_flows_list(struct ss_flows *f, const struct ss_viewer *v, json_t **ret,
		  struct ss_error *err);
/* One declaration, without functions. SS_ENOTFOUND also when it is not his. */
int ss_flows_get(struct ss_flows *f, const struct ss_viewer *v, const char *flow, json_t **ret,
		 struct ss_error *err);
/* Before release. in: {"cases":1000,"per_day":8,"seed":1,"days":{state: mean working days},
 * "share":{"state.leave": weight},"people":{state: n}}, all optional. Answer: {"dead_ends",
 * "unreachable","nobody","states":[{"id","visits","mean_days","load","people_needed"}],
 * "ends":[..],"days":{"mean","p50","p90"},"late":{clock: share}}. */
int ss_flow_simulate(const json_t *flow, const json_t *in, json_t **ret, struct ss_error *err);

/* --- acts --------------------------------------------------------------------------------------
 */

/* ask: {"data":{fields},"parent"?,"note"?,"id"?: UUID that the asker chose; asked again by him the
 * case is there and nothing is done, another's is SS_ECONFLICT}. The viewer needs the right to
 * create such a record and one of the flow's open_roles, where it has some. */
int ss_flow_start(struct ss_flows *f, const struct ss_viewer *v, const char *flow,
		  const json_t *ask, char ret_id[37], json_t *problems, struct ss_error *err);
/* ask: {"act":"go","to","data"?,"note"?,"n"?: entries of the trace the asker has seen,"ask"?: an id
 * of his, asking twice acts once}; further members by act, see docs/cases.md. *ret: {"id","flow",
 * "state","n"} and what the act made. SS_ENOTFOUND, SS_EDENIED, SS_ESTATE (problems say what
 * lacks), SS_ECONFLICT (n is no longer true), SS_EINVAL. */
int ss_flow_act(struct ss_flows *f, const struct ss_viewer *v, const char *flow, const char *id,
		const json_t *ask, json_t **ret, json_t *problems, struct ss_error *err);

/* A record that is a case changes through the forms of its flow only: SS_ESTATE, in words, when the
 * change is somebody's around it; 0 for all other records, and for the machine. For the `saved` of
 * the records engine. */
int ss_flow_keeps(struct ss_flows *f, struct ss_db *db, const struct ss_thing_event *e,
		  struct ss_error *err);
/* Whether the record is a case. */
bool ss_flow_has(struct ss_flows *f, const char *type, const char *id);

/* --- reading -----------------------------------------------------------------------------------
 */

/* The whole page: the case with its lists, "record", "may": [{"act","title","to"?,"missing":[]}],
 * "ways": the ways on with what lacks, also for who reads the case and does not walk them. */
int ss_flow_case(struct ss_flows *f, const struct ss_viewer *v, const char *flow, const char *id,
		 json_t **ret, struct ss_error *err);
struct ss_flow_query {
	struct ss_str flow, state, q, cursor; /* .n 0 = any */
	bool mine, overdue, open;
	int64_t limit;
};
/* {"items":[case],"next"}: what he may not see is not there. */
int ss_flow_cases(struct ss_flows *f, const struct ss_viewer *v, const struct ss_flow_query *q,
		  json_t **ret, struct ss_error *err);
/* Open tasks that are his or that he may take: {"items":[{task,"mine":bool}],"more"}. */
int ss_flow_tasks(struct ss_flows *f, const struct ss_viewer *v, int64_t limit, json_t **ret,
		  struct ss_error *err);
/* A document of a case as HTML or PDF. */
int ss_flow_document(struct ss_flows *f, const struct ss_viewer *v, const char *flow,
		     const char *id, const char *document, bool pdf, struct ss_buf *out,
		     struct ss_error *err);
/* May he see the file: through some case that he may see. {"type","name"}. */
int ss_flow_file(struct ss_flows *f, const struct ss_viewer *v, const char *digest, json_t **ret,
		 struct ss_error *err);

/* --- clocks ------------------------------------------------------------------------------------
 */

struct ss_flow_swept {
	int64_t fired, late, resumed, redated; /* what was done */
	int64_t left;                          /* whether more is due: 1 */
};
/* Fires what is due, ends suspensions that are over, works open clocks out again after the law or
 * the calendar changed. At most `most` firings a call. */
int ss_flow_sweep(struct ss_flows *f, int64_t now, int64_t most, struct ss_flow_swept *ret,
		  struct ss_error *err);

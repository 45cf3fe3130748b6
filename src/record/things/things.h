/* Records ("things") of declared types. A type is a JSON declaration (from a module, see
 * docs/records.md); with it come validation, versions with valid and recorded time, geometry,
 * relations, Chinese search, lists, import and export, merging, SQL views and rights. Every call
 * for people takes a viewer and passes rights.c, the one place that decides over types, rows and
 * fields: what the viewer may not see answers as what does not exist.
 *
 * Problems of a declaration or of a record are a JSON array, appended to:
 *   {"file","line","field","zh","en"}, with "row" for imports; "field" is a path
 * ("outlets.0.code"). Calls made inside ss_business_write take part in that transaction. Thread:
 * any. */
#pragma once

#include "base/base.h"
#include "base/json.h"
#include "base/script.h"
#include "record/business/business.h"
#include "record/things/viewer.h"

struct ss_things;

/* What happened to one record. Borrowed for the call. */
struct ss_thing_event {
	const char *type, *id, *op; /* create change retire merge unmerge split */
	int64_t version;
	const char *area, *org;
	enum ss_label label;
	const struct ss_viewer *by;
	const json_t *before, *after; /* fields in clear; NULL = none */
};

struct ss_things_settings {
	struct ss_business *business;
	struct ss_files *files; /* where fields of files find theirs; NULL: not looked at */
	const char *key_path;   /* key of the personal fields, made with mode 0600 when not there */
	/* Code lists of the standards: is there such a list; title of a code (SS_ENOTFOUND). */
	bool (*has_list)(void *codes, const char *list);
	int (*code)(void *codes, const char *list, const char *code, const char **zh,
		    const char **en);
	/* Every code of a list, until fn says false; at most some hundred are asked for. */
	void (*codes_of)(void *codes, const char *list,
			 bool (*fn)(void *arg, const char *code, const char *zh, const char *en),
			 void *arg);
	void *codes;
	/* Inside the transaction, after the record was written; an error undoes it. May be NULL. */
	int (*saved)(void *arg, struct ss_db *db, const struct ss_thing_event *e,
		     struct ss_error *err);
	/* After the commit: {"type","id","op","version","area","org","label"}. May be NULL. */
	void (*told)(void *arg, struct ss_str event);
	void *arg;
};

int ss_things_open(const struct ss_things_settings *s, struct ss_things **ret,
		   struct ss_error *err);
void ss_things_close(struct ss_things *t); /* NULL-safe */

/* --- types ------------------------------------------------------------------------------------ */

/* declarations: array of all modules' declarations; those of kind "record" and "code" are taken.
 * Checked whole; when there is a problem nothing changes (SS_EINVAL, problems filled). Otherwise
 * they take the place of all types before; tables and views are made or remade. */
int ss_things_load(struct ss_things *t, const json_t *declarations, const struct ss_script *script,
		   json_t *problems, struct ss_error *err);
/* The same check without a database. t may be NULL: then code lists of the standards are not
 * looked up. */
int ss_things_check(struct ss_things *t, const json_t *declarations, json_t *problems,
		    struct ss_error *err);
/* Whether there is such a type; its declaration with what the viewer may not see left out and
 * "may": verbs. New reference. SS_ENOTFOUND. */
bool ss_things_has(struct ss_things *t, const char *type);
int ss_things_type(struct ss_things *t, const struct ss_viewer *v, const char *type, json_t **ret,
		   struct ss_error *err);
/* Codes of a list, of the standards or of a module, that begin with q or whose words have it, fifty
 * at most: {"items":[{"code","zh","en"}],"more":bool}. New reference. SS_ENOTFOUND. */
int ss_things_codes(struct ss_things *t, const char *list, struct ss_str q, json_t **ret,
		    struct ss_error *err);
/* Array of {"id","title","family","label","module","may"} of the types he has any right to. */
int ss_things_types(struct ss_things *t, const struct ss_viewer *v, json_t **ret,
		    struct ss_error *err);
/* JSON Schemas of all types for OpenAPI: an object by "Thing_<type>". New reference. */
int ss_things_schemas(struct ss_things *t, json_t **ret);
/* The clear declaration for engines (flow), borrowed fields copied. New reference or NULL. */
json_t *ss_things_declaration(struct ss_things *t, const char *type);
/* Whether the viewer's roles give the verb (R C U D F X K P) on the type, for any row. */
bool ss_things_may(struct ss_things *t, const struct ss_viewer *v, const char *type, char verb);

/* Whether the viewer may hear of what happened: event as told (type, area, org, label). */
bool ss_things_hears(struct ss_things *t, const struct ss_viewer *v, const json_t *event);
/* Whether the record, of whatever type, is his to see. */
bool ss_things_sees(struct ss_things *t, const struct ss_viewer *v, const char *id);

/* --- one record -------------------------------------------------------------------------------
 * A record as told: {"id","type","version","state":"active|retired|merged","title","area","org",
 * "label","created","created_by","changed","changed_by","valid_from","valid_to","recorded",
 * "fields":{...},"masked":[ids of fields shown masked],"alias_of"?,"may":["R","U",...],
 * "names"?:{id of a record referred to: its title},"codes"?:{list: {code: {"zh","en"}}}} */

struct ss_thing_change {
	const char *reason;     /* NULL = none */
	const char *label;      /* NULL = as it is (a new one: the type's) */
	int64_t version;        /* the one the change was made on; 0 = whichever */
	int64_t from_us, to_us; /* valid time; SS_TIME_NONE = now, and open */
	const char *op;         /* for the history; NULL = "create" or "change" */
	bool always;            /* a version although nothing differs: the history tells of it */
	bool keep_compute;      /* take computed fields as given (imports of what was exported) */
	const char *id;         /* of a new one, chosen where it was written (a phone without
				   signal): a UUID. NULL = one is made */
};
#define SS_THING_CHANGE ((struct ss_thing_change){.from_us = SS_TIME_NONE, .to_us = SS_TIME_NONE})

/* fields: object. problems may be NULL. SS_EINVAL with problems; SS_ENOTFOUND no such type or not
 * his; SS_EDENIED may see but not write; SS_ECONFLICT another version is there, or c->id is
 * another's. SS_EEXISTS, with ret_id: the viewer himself made the record c->id before, and nothing
 * was done; so a request sent twice makes one record. */
int ss_things_create(struct ss_things *t, const struct ss_viewer *v, const char *type,
		     const json_t *fields, const struct ss_thing_change *c, char ret_id[37],
		     json_t *problems, struct ss_error *err);
/* fields: those to change; null empties one. *ret_version may be NULL. Nothing changed: no new
 * version. */
int ss_things_change(struct ss_things *t, const struct ss_viewer *v, const char *type,
		     const char *id, const json_t *fields, const struct ss_thing_change *c,
		     int64_t *ret_version, json_t *problems, struct ss_error *err);
int ss_things_retire(struct ss_things *t, const struct ss_viewer *v, const char *type,
		     const char *id, const struct ss_thing_change *c, struct ss_error *err);

struct ss_thing_time {
	int64_t as_of_us;    /* what held then; SS_TIME_NONE = now */
	int64_t known_at_us; /* as it was known then; SS_TIME_NONE = now */
};
#define SS_THING_NOW ((struct ss_thing_time){SS_TIME_NONE, SS_TIME_NONE})

/* An alias (merged) answers with the record that it stands for. New reference. */
int ss_things_get(struct ss_things *t, const struct ss_viewer *v, const char *type, const char *id,
		  const struct ss_thing_time *when, json_t **ret, struct ss_error *err);
/* Versions, newest first: array of {"version","op","by","reason","valid_from","valid_to",
 * "recorded","fields","changed":[field ids]}. */
int ss_things_history(struct ss_things *t, const struct ss_viewer *v, const char *type,
		      const char *id, json_t **ret, struct ss_error *err);
/* Files in fields of files. Whether the viewer may put one into the field (SS_EDENIED, SS_EINVAL:
 * no such field); the name under which the record, in any version that he sees, holds the file: new
 * reference, SS_ENOTFOUND. */
int ss_things_file_field(struct ss_things *t, const struct ss_viewer *v, const char *type,
			 const char *field, struct ss_error *err);
int ss_things_file(struct ss_things *t, const struct ss_viewer *v, const char *type, const char *id,
		   const char *digest, json_t **ret_name, struct ss_error *err);
/* {"out":[{"field","title","type","id","name"}],"in":[{"type","field","title","items":[..],
 * "more"}],"links":[{"kind","type","id","name","from","to"}]}; what he may not see is not there. */
int ss_things_relations(struct ss_things *t, const struct ss_viewer *v, const char *type,
			const char *id, json_t **ret, struct ss_error *err);
/* A relation of no field: kind "succeeds" ... Both must be his to see, a to change. */
int ss_things_relate(struct ss_things *t, const struct ss_viewer *v, const char *a,
		     const char *kind, const char *b, struct ss_error *err);
/* One personal field in clear; roles of its declaration or verb K. The caller audits. */
int ss_things_unmask(struct ss_things *t, const struct ss_viewer *v, const char *type,
		     const char *id, const char *field, json_t **ret, struct ss_error *err);
/* [{"role","verbs","rows","fields_hidden":[...]}] for the record. */
int ss_things_who_may(struct ss_things *t, const struct ss_viewer *v, const char *type,
		      const char *id, json_t **ret, struct ss_error *err);

/* --- many --------------------------------------------------------------------------------------
 */

struct ss_thing_query {
	const json_t
	    *filter;          /* {"field","op","value"}, an array of them (all), {"all":[]},
				 {"any":[]}; NULL = none. ops: = != < <= > >= in contains between null */
	struct ss_str q;      /* words to search; .n 0 = none */
	const char *sort;     /* "name" "-changed"; NULL = newest first */
	const char *cursor;   /* of the page before, NULL = first page */
	const json_t *fields; /* array of field ids wanted; NULL = all */
	const double *bbox;   /* west south east north, CGCS2000; NULL = none */
	struct ss_thing_time when;
	int64_t limit; /* 1..1000 */
	bool count;    /* also tell how many there are: exactly up to 10,000, then about */
	bool retired;  /* retired ones too */
};
/* {"items":[record],"next":cursor or null,"count"?,"count_exact"?,"names":{id: title},
 * "codes":{list: {code: {"zh","en"}}}}. SS_EINVAL names what of the query is wrong. */
int ss_things_list(struct ss_things *t, const struct ss_viewer *v, const char *type,
		   const struct ss_thing_query *q, json_t **ret, struct ss_error *err);
int ss_things_count(struct ss_things *t, const struct ss_viewer *v, const char *type,
		    const struct ss_thing_query *q, int64_t *ret, struct ss_error *err);
/* {"<field>":[{"code","title","count"}]} over what the query finds; fields: array of field ids. */
int ss_things_facets(struct ss_things *t, const struct ss_viewer *v, const char *type,
		     const struct ss_thing_query *q, const json_t *fields, json_t **ret,
		     struct ss_error *err);
/* GeoJSON FeatureCollection of at most `limit`; "truncated": true when there are more. */
int ss_things_features(struct ss_things *t, const struct ss_viewer *v, const char *type,
		       const struct ss_thing_query *q, struct ss_buf *out, struct ss_error *err);

/* --- numbers ---------------------------------------------------------------------------------- */

/* The next number of a format such as "宁环罚告字〔{year}〕{n}号" or "SJ{date}{area}{n:4}":
 * gap-free for each text that is left of {n}. Inside ss_business_write only (SS_ESTATE): a
 * roll-back gives it back. */
int ss_things_number(struct ss_things *t, const char *format, const char *area, int64_t at_us,
		     char *ret, size_t cap, struct ss_error *err);

/* --- tables in and out ------------------------------------------------------------------------ */

struct ss_thing_import {
	const char *reason; /* for the history; NULL = "import" */
	bool dry;           /* everything is checked, nothing kept */
	bool keep;          /* records that are there already stay as they are: told, not changed */
};
/* file: CSV (UTF-8, GB18030 or UTF-16; comma, semicolon or tab) or XLSX, at most 200,000 rows;
 * headings are ids or titles of fields, "id" names a record. A row that matches a record (by id,
 * number, or a unique field) changes it, an empty cell leaves what is there; other rows make new
 * ones. References may be written as id, number, unique value or title. *ret:
 * {"rows","created","changed","same","refused","dry","as":{"format","encoding","separator"},
 * "items":[{"row","op","id","problems":[{"field","zh","en","level"}]}]}.
 * A bad row is told and left out, the others are kept. */
int ss_things_import(struct ss_things *t, const struct ss_viewer *v, const char *type,
		     struct ss_str file, const struct ss_thing_import *o, json_t **ret,
		     struct ss_error *err);

enum ss_thing_format { SS_THING_CSV, SS_THING_XLSX, SS_THING_GEOJSON };
/* What the query finds and the viewer may export (verb X), as he sees it: masked fields masked.
 * Written to the empty file fd page by page: nothing of it is held. *ret:
 * {"columns":[ids],"rows","digest"} (SM3 of the file) for the audit. */
int ss_things_export(struct ss_things *t, const struct ss_viewer *v, const char *type,
		     const struct ss_thing_query *q, enum ss_thing_format format, int fd,
		     json_t **ret, struct ss_error *err);
/* An empty table with the headings of an import, and a line that says what each takes. */
int ss_things_template(struct ss_things *t, const struct ss_viewer *v, const char *type,
		       enum ss_thing_format format, struct ss_buf *out, struct ss_error *err);

/* --- merging and parting ---------------------------------------------------------------------- */

/* b becomes an alias of a: asking for it answers a, what refers to it refers to a, its own data
 * stay. choose: {field: value of a after}. Both must be his to change. *ret_merge 37 bytes. */
int ss_things_merge(struct ss_things *t, const struct ss_viewer *v, const char *type, const char *a,
		    const char *b, const json_t *choose, const char *reason, char ret_merge[37],
		    struct ss_error *err);
/* Undoes the last merge into a (with b, "" = whichever): b stands by itself again as it was, and
 * the fields of a that were chosen and not changed since go back. *ret_b 37 bytes. */
int ss_things_unmerge(struct ss_things *t, const struct ss_viewer *v, const char *type,
		      const char *a, const char *b, const char *reason, char ret_b[37],
		      struct ss_error *err);
/* A new record of a's fields with `fields` over them, related "split_from" a. move: [{"type","id",
 * "field"}] are records that refer to a by that field and from now on to the new one. */
int ss_things_split(struct ss_things *t, const struct ss_viewer *v, const char *type, const char *a,
		    const json_t *fields, const json_t *move, const char *reason, char ret_id[37],
		    json_t *problems, struct ss_error *err);

/* `set` in every record of ids (array) or of the query's filter, each by itself: {"changed","same",
 * "refused":[{"id","zh","en"}]}. At most 10,000. */
int ss_things_bulk(struct ss_things *t, const struct ss_viewer *v, const char *type,
		   const json_t *ids, const json_t *filter, const json_t *set, const char *reason,
		   json_t **ret, struct ss_error *err);

/* Looks for duplicates among all records by the declared blocks and score; pairs at or above
 * `propose` become proposals, those above `list` are listed. *ret:
 * {"compared","proposed","listed"}. As the machine: for jobs. */
int ss_things_find_duplicates(struct ss_things *t, const char *type, json_t **ret,
			      struct ss_error *err);
/* Pairs of which both are his to see: [{"a":{id,name},"b":{..},"score","why":[],"state"}]; state
 * proposed, listed, apart (a person said they are not the same), merged. */
int ss_things_duplicates(struct ss_things *t, const struct ss_viewer *v, const char *type,
			 const char *state, json_t **ret, struct ss_error *err);
/* Candidates for a record that is about to be saved (fields) or is there (id): the same form. */
int ss_things_similar(struct ss_things *t, const struct ss_viewer *v, const char *type,
		      const json_t *fields, const char *id, json_t **ret, struct ss_error *err);
/* A person says that the two are not the same. */
int ss_things_apart(struct ss_things *t, const struct ss_viewer *v, const char *type, const char *a,
		    const char *b, struct ss_error *err);

/* --- datums: degrees in place; the way back by iteration, to 1e-7 degrees. Pure. ---------------
 */
void ss_gcj02_to_wgs84(double *lon, double *lat);
void ss_wgs84_to_gcj02(double *lon, double *lat);

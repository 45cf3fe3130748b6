/* Modules: folders of declarations (modules/GROUP/NAME/, docs/modules.md) that make a business
 * system out of the engines. This is the only folder that knows the language they are written in.
 *
 * A set of modules is read and checked whole, then takes the place of the one before in one step;
 * when anything is wrong the old one stays. Functions in declarations are {"$fn":N}; ss_script
 * calls them, each call in a box of its own module that forgets what the call changed. Thread: any.
 */
#pragma once

#include "base/base.h"
#include "base/config.h"
#include "base/json.h"
#include "base/script.h"

struct ss_modules;
struct ss_business;
struct ss_things;
struct ss_flows;
struct ss_notify;
struct ss_exchange;
struct ss_registry;
struct ss_series;
struct ss_findings;
struct ss_acts;

/* Who takes declarations: checks them all (appending problems), and puts them in force whole or not
 * at all, the answer being SS_EINVAL with problems. */
struct ss_modules_engine {
	void *arg;
	int (*check)(void *arg, const json_t *declarations, json_t *problems, struct ss_error *err);
	int (*load)(void *arg, const json_t *declarations, const struct ss_script *script,
		    json_t *problems, struct ss_error *err);
};
#define SS_MODULES_ENGINES 4

/* What scripts may ask of; each may be NULL, then its functions say so. All borrowed. */
struct ss_modules_host {
	struct ss_business *business;
	struct ss_things *things;
	struct ss_flows *flows;
	struct ss_notify *notify;
	struct ss_exchange *exchange;
	struct ss_registry *registry;
	struct ss_series *series;
	struct ss_findings *findings;
	struct ss_acts *acts;
	/* The alarm of an id as JSON; SS_ENOTFOUND. */
	int (*alarm)(void *arg, const char *id, struct ss_buf *out, struct ss_error *err);
	void *arg;
	bool (*role)(const char *id); /* is there such a role; NULL: not checked */
	struct ss_modules_engine engines[SS_MODULES_ENGINES]; /* in order; ended by check NULL */
};

struct ss_modules_settings {
	const char *dir; /* "" = beside the program, see ss_modules_dir */
};
extern const struct ss_option ss_modules_options[]; /* "modules" */

/* The folder in force: the setting, else modules/ beside the program, one or two above it, or in
 * ../share/shanshui; "" when there is none. */
int ss_modules_dir(const struct ss_modules_settings *s, char *ret, size_t cap);

/* Nothing is loaded yet; dir may be "" (no modules). */
int ss_modules_new(const char *dir, const struct ss_modules_host *host, struct ss_modules **ret);
void ss_modules_free(struct ss_modules *m); /* nobody calls scripts any more; NULL-safe */
const struct ss_script *ss_modules_script(struct ss_modules *m);

/* Reads all of the folder, checks it whole, lets the engines check, and puts it in force. Problems
 * are appended: {"file","line","field","zh","en"}. SS_EINVAL with at least one: nothing changed. */
int ss_modules_load(struct ss_modules *m, json_t *problems, struct ss_error *err);
/* The same checks, nothing put in force. */
int ss_modules_check(struct ss_modules *m, json_t *problems, struct ss_error *err);
/* Declarations in force of a kind ("view"; NULL = all), of a module (NULL = all). New array; its
 * members are shared and must not be changed. */
json_t *ss_modules_declarations(struct ss_modules *m, const char *kind, const char *module);
/* Of the last load; new array. */
json_t *ss_modules_problems(struct ss_modules *m);
/* One problem as people read it: FILE:LINE 字段 FIELD: why. */
void ss_modules_put_problem(struct ss_buf *out, const json_t *problem);

/* Compares the files with what is in force (GB/T 22239-2019 8.1.4.6): true when one differs, is
 * gone or was put there, and was not told before. What runs stays what was loaded. */
bool ss_modules_look(struct ss_modules *m);
/* What the last look found: the file's name, "sources/registry/records.lua". False: all as loaded.
 */
bool ss_modules_changed(struct ss_modules *m, char *ret_name, size_t cap);

/* The test files of a module (NULL = all): [{"module","file"}]. */
json_t *ss_modules_tests(struct ss_modules *m, const char *id);
struct ss_modules_tested {
	int passed, failed;
};
/* Runs one of them on the engines of the host: what failed is appended to out, counts are added. A
 * file that cannot be run is an error. The modules are in force. */
int ss_modules_test(struct ss_modules *m, const char *id, const char *file, struct ss_buf *out,
		    struct ss_modules_tested *ret, struct ss_error *err);

/* Makes a complete small module below dir from the template. id "water/well". SS_EEXISTS. */
int ss_modules_make(const char *dir, const char *id, const char *zh, const char *en,
		    struct ss_error *err);

/* Calls every on() of the event ("thing.saved:permit") with `in`, as the module itself, in the
 * order of the modules. Inside a write they take part in it; the first that fails is the answer. */
int ss_modules_event(struct ss_modules *m, const char *event, const json_t *in,
		     struct ss_error *err);
/* The tables of what ran and what was told; once, before any of what follows. */
int ss_modules_migrate(struct ss_business *b, struct ss_error *err);
bool ss_modules_hears(struct ss_modules *m, const char *event);
/* Runs every() whose time has come by now_us, each in one transaction with the mark that it ran:
 * once per period, also over a kill. *ret_next_us: when to come again. What fails is logged and
 * tried again at the next period. */
int ss_modules_tick(struct ss_modules *m, int64_t now_us, int64_t *ret_next_us,
		    struct ss_error *err);
/* An event from outside the business database ("alarm.raised", about its id): each module that
 * hears it is told once, also over a kill when it is said again, in a transaction of its own, by
 * the thread of ss_modules_start; what fails thrice is set aside with the reason. in: JSON object.
 * Never blocks for long. SS_EBUSY: too many wait. */
int ss_modules_tell(struct ss_modules *m, const char *event, const char *about, struct ss_str in);
/* The thread that tells and that runs schedules. */
int ss_modules_start(struct ss_modules *m);
void ss_modules_stop(struct ss_modules *m); /* NULL-safe */

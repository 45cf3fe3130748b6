/* A node's derived side for one test: journal, registry, series, findings, acts and the line with
 * derivers of the test's own, on either engine. */
#pragma once

#include "cmd/line.h"
#include "db/pg_fixture.h"
#include "record/acts/acts.h"
#include "record/journal/journal.h"
#include "record/registry/registry.h"
#include "record/series/series.h"
#include "serve/api/states.h"

struct line_env {
	char dir[128]; /* journal and files */
	char record_url[600], series_url[600], findings_url[600];
	struct ss_journal *journal;
	struct ss_lane *lane;
	struct ss_registry *registry;
	struct ss_series *series;
	struct ss_findings *findings;
	struct ss_acts *acts;
	struct ss_states *states;
	struct ss_line *line;
	struct ss_deriver derivers[4];
	size_t n_derivers;
	/* Makes the derivers when the stores are open, ends them before they close; arg: own. */
	void (*make)(struct line_env *l);
	void (*drop)(struct line_env *l);
	void *own;
	uint64_t put; /* entries put by line_env_put */
};

/* A place of its own under env for the stores; sub tells several apart. make and drop may be set
 * before line_env_open. */
void line_env_place(struct line_env *l, struct db_env *env, const char *sub);
/* Takes over the journal of another place: the same entries, nothing derived. */
void line_env_journal_of(struct line_env *l, const struct line_env *from);
void line_env_open(struct line_env *l);  /* without the line */
void line_env_start(struct line_env *l); /* the line */
void line_env_close(struct line_env *l); /* all of it, in order */
void line_env_register(struct line_env *l, const char *csv);
/* An entry into the journal, as it arrived then. */
void line_env_put(struct line_env *l, enum ss_entry_kind kind, int64_t arrived_us,
		  struct ss_str body);
/* A live (2011) or minute (2051), hour (2061), day (2031) frame; values: "w01018-Rtd=1,..." */
void line_env_frame(struct line_env *l, int64_t arrived_us, const char *mn, int cn, int64_t data_us,
		    const char *values);
/* As above, with the sender's own clock in QN. */
void line_env_frame_by(struct line_env *l, int64_t arrived_us, int64_t qn_us, const char *mn,
		       int cn, int64_t data_us, const char *values);
/* All that was put is on disk: a line that starts now finds it at once. */
void line_env_durable(struct line_env *l);
/* All that was put is durable, taken and committed. */
void line_env_settle(struct line_env *l);
void line_env_digest(struct line_env *l, const char *kind, char hex[65]);

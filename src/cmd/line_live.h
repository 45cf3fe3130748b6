/* What the line tells open pages: new values gathered for a fifth of a second, states that changed,
 * the summary each second. Line thread. */
#pragma once

#include "cmd/line.h"
#include "cmd/line_decode.h"

struct ss_live;

int ss_live_new(const struct ss_line_parts *p, int64_t publish_us, struct ss_live **ret);
void ss_live_free(struct ss_live *v); /* NULL-safe */
void ss_live_take(struct ss_live *v, const struct ss_entry *e, const struct ss_decoded *d);
void ss_live_tick(struct ss_live *v, int64_t mono_us);

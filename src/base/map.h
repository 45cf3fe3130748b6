/* Hash table from bytes to a 64-bit value; keys are copied into it. Thread: one owner. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct ss_map;

struct ss_map *ss_map_new(void); /* NULL: out of memory */
void ss_map_free(struct ss_map *m);
size_t ss_map_count(const struct ss_map *m);
bool ss_map_get(const struct ss_map *m, struct ss_str key, uint64_t *ret_v);
int ss_map_put(struct ss_map *m, struct ss_str key, uint64_t v); /* adds or replaces; SS_ENOMEM */
bool ss_map_del(struct ss_map *m, struct ss_str key);
/* In unstated order: *it starts at 0; false at the end. No put or del in between. */
bool ss_map_next(const struct ss_map *m, size_t *it, struct ss_str *ret_key, uint64_t *ret_v);

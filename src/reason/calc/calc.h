/* The calculators: numeric rules of the standards, each by itself. One table (calc_*.c) of names,
 * fields, formulas and clauses makes validation, help, OpenAPI schemas and docs/calculators.md.
 * An input is one JSON object, its answer one JSON object: {"result": {...}} or {"error": {"code",
 * "field", "message"}}. Bad input is always an answer, never a failure. Thread: any. */
#pragma once

#include "base/base.h"
#include "base/json.h"

struct ss_calc; /* one calculator; static */

const struct ss_calc *ss_calc_find(struct ss_str name); /* "air.iaqi"; NULL */
const struct ss_calc *ss_calc_at(size_t i);             /* by subject; NULL behind the last */
const char *ss_calc_name(const struct ss_calc *c);
const char *ss_calc_zh(const struct ss_calc *c); /* purpose */
const char *ss_calc_en(const struct ss_calc *c);

/* Appends the answer to one line of JSON, without a line end. */
void ss_calc_line(const struct ss_calc *c, struct ss_str line, struct ss_buf *out);
/* Appends the answers to every line of a text, each with a line end. An empty text has none. */
void ss_calc_lines(const struct ss_calc *c, struct ss_str text, struct ss_buf *out);
/* Appends the answer to a whole document: an object gives an object, an array gives an array of
 * the answers to its elements. A text that is no document, but whose first line is an object, is
 * taken as lines: true then. */
bool ss_calc_document(const struct ss_calc *c, struct ss_str text, struct ss_buf *out);

/* For people and for machines, from the same rows. */
void ss_calc_help(const struct ss_calc *c, struct ss_buf *out);        /* text, Chinese first */
void ss_calc_describe(const struct ss_calc *c, struct ss_json *j);     /* object */
void ss_calc_input_schema(const struct ss_calc *c, struct ss_json *j); /* JSON Schema */
void ss_calc_result_schema(const struct ss_calc *c, struct ss_json *j);
void ss_calc_page(struct ss_buf *out); /* docs/calculators.md, whole */

/* Documents from templates. A template is a text of a small set of HTML tags with placeholders; it
 * can only print what it is given, nothing in it runs. docs/cases.md describes both.
 *
 *   {{record.name}}        the value, escaped; refused by name when it is empty
 *   {{record.name?}}       may be empty
 *   {{record.fine|money}}  in words: money 大写; date 2026年1月15日; time; number 1,234.5; lines
 *   {{#if record.a}} .. {{else}} .. {{/if}}     {{#each record.list}} {{this.x}} {{index}}
 * {{/each}}
 *
 * Tags: h1 h2 h3 p div span b u br hr ul ol li table tr td th qr; attributes: class (center right
 * noindent small sign box) and, of td and th, colspan and width. Pure. Thread: any. */
#pragma once

#include "base/base.h"
#include "base/json.h"

/* SS_EPARSE names line and what is wrong: unknown tag, attribute or filter, a block without its
 * end. */
int ss_template_check(struct ss_str text, struct ss_error *err);
/* values: object. Placeholders that are required and empty are appended to blanks by their path,
 * and the answer is SS_EINVAL. blanks may be NULL. */
int ss_template_fill(struct ss_str text, const json_t *values, struct ss_buf *out, json_t *blanks,
		     struct ss_error *err);

/* A filled template as a whole HTML page (its own style, no script), and as PDF (A4, fonts
 * embedded). */
int ss_document_page(struct ss_str body, const char *title, struct ss_buf *out);
int ss_document_pdf(struct ss_str body, const char *title, struct ss_buf *out,
		    struct ss_error *err);

/* "贰拾万元整": a sum in yuan in capital Chinese, to the fen. SS_ERANGE above 10^15. */
int ss_money_capital(double yuan, struct ss_buf *out);

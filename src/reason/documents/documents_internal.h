/* Inside of documents. */
#pragma once

#include "reason/documents/documents.h"

#define SSD_DEPTH 16 /* of blocks and of tags */

/* --- words.c */
int ssd_filter(struct ss_str filter); /* index, or SS_ENOTFOUND */
/* The value as text, by the filter (-1: none). "" = empty. */
int ssd_words(const json_t *v, int filter, struct ss_buf *out);
int ssd_escape(struct ss_str s, bool lines, struct ss_buf *out);

/* --- tags.c: the markup, piece by piece */
enum ssd_tag {
#define X(name) SSD_##name,
#include "reason/documents/tags.def"
#undef X
	SSD_TAG_COUNT_,
	SSD_TEXT = SSD_TAG_COUNT_,
};
struct ssd_piece {
	int tag;                 /* SSD_TEXT: text */
	bool end, alone;         /* </p>; <br> */
	struct ss_str text, cls; /* text still has its entities */
	int colspan;
	double width; /* percent, 0 = none */
};
/* The next piece of *rest; 1, 0 at the end, SS_EPARSE. */
int ssd_next(struct ss_str *rest, struct ssd_piece *ret, struct ss_error *err);
int ssd_unescape(struct ss_str s, struct ss_buf *out);
bool ssd_has_class(const struct ssd_piece *p, const char *cls);
/* Tags nest and are closed. */
int ssd_tags_check(struct ss_str text, struct ss_error *err);

/* --- qr.c */
struct ssd_qr {
	int width; /* modules, without the quiet zone of four */
	void *code;
};
int ssd_qr(struct ss_str text, struct ssd_qr *ret); /* entities in text are read */
bool ssd_qr_dark(const struct ssd_qr *q, int x, int y);
void ssd_qr_done(struct ssd_qr *q);
int ssd_qr_svg(struct ss_str text, struct ss_buf *out);

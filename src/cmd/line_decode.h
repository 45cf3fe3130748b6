/* From a journal entry to observations. No thread, no clock: the same entries give the same
 * observations, which is what a rebuild stands on. One owner. */
#pragma once

#include "base/base.h"
#include "record/journal/journal.h"
#include "record/registry/registry.h"
#include "record/series/series.h"

struct ss_decoder;

enum ss_decode_kind {
	SS_DECODE_NOTHING, /* not data: kept in the journal, nothing derived */
	SS_DECODE_DATA,    /* observations in *ret */
	SS_DECODE_UNKNOWN, /* a device nobody registered */
	SS_DECODE_NO_TIME, /* data without a usable time */
	SS_DECODE_OUTSIDE, /* data time outside the window */
	SS_DECODE_BAD,     /* cannot be read */
};

struct ss_decoded {
	enum ss_decode_kind kind;
	struct ss_obs *obs; /* in the decoder, until the next call */
	size_t n;
	struct ss_str mn, system, qn; /* borrow from the entry */
	int64_t site;
	int64_t data_us; /* SS_TIME_NONE = none */
	int cn;
	bool live;      /* not backfill */
	bool rf;        /* marked as backfill (2025) */
	bool has_frame; /* a device's frame, good or bad */
};

int ss_decoder_new(struct ss_registry *r, struct ss_series *st, int64_t past_us, int64_t future_us,
		   struct ss_decoder **ret);
void ss_decoder_free(struct ss_decoder *d); /* NULL-safe */
/* Errors only of the store (SS_EIO, SS_ENOMEM); bad entries are a kind. */
int ss_decode(struct ss_decoder *d, const struct ss_entry *e, struct ss_decoded *ret,
	      struct ss_error *err);

/* Packing: a block of groups as columns, so that zstd finds what repeats. A slot is one device's
 * stream of similar messages: each message is stored as its difference to the one before it in its
 * slot. Which entries share a slot is the packer's free choice; unpacking needs no knowledge of the
 * protocol but the frame's length and CRC (HJ 212-2017 6.3.1 and annex A), which are made again. */
#pragma once

#include "record/journal/journal_internal.h"

#define PACK_TOKENS 64 /* number columns; tokens beyond share the last */
enum pack_column {
	COL_GROUP, /* count, number, seq, batch of each group */
	COL_TIME,  /* group time against the last entry's arrival */
	COL_SLOT,
	COL_TAG, /* kind, verdict, faults when they differ from the slot's last */
	COL_ARRIVED,
	COL_MODE,
	COL_TEXT, /* sources, whole messages, numbers that follow no rule */
	COL_NUMBER,
	COL_COUNT = COL_NUMBER + PACK_TOKENS,
};
enum pack_mode {
	MODE_FRAME = 1, /* "##", length and CRC are left out: they follow from the rest */
	MODE_LIKE = 2,  /* same text as the slot's last message, other numbers */
};

/* A number in a message: right behind '=', `-?digits[.digits]`, nothing alphanumeric after it. */
struct pack_token {
	uint32_t at;
	uint8_t len;
	uint8_t time;     /* 14 or 17: a moment as digits, value in seconds or milliseconds */
	uint8_t decimals; /* else: value is the digits without the point */
	bool plain;       /* as a person writes it: no leading zero, no "-0" */
	bool usable;      /* false: always as text */
	int64_t value;
};
struct pack_slot {
	char *text;
	size_t n, cap;
	struct pack_token *token;
	size_t token_n, token_cap;
	uint8_t kind, verdict;
	uint32_t faults;
	int64_t arrived_us;
	uint32_t after; /* the slot that came after this one last time, + 1 */
	struct ss_str source;
	char *source_own;
};

/* Finds the tokens of s->text. SS_ENOMEM. */
int ssj_pack_tokens(struct pack_slot *s);
void ssj_pack_token(struct pack_token *t, const char *p);
int ssj_pack_text(struct pack_slot *s, const char *p, size_t n); /* sets text, not the tokens */
void ssj_pack_slots_free(struct pack_slot *s, size_t n);
uint16_t ssj_frame_crc(const char *p, size_t n);
/* Whether the body is "##" length segment CRC with both right. */
bool ssj_frame_good(struct ss_str body);
/* What the next value of a time token would be if its clock ran like ours. */
static inline int64_t ssj_pack_expect(const struct pack_token *t, int64_t before_us, int64_t now_us)
{
	int64_t unit = t->time == 17 ? 1000 : 1000000;
	int64_t gone = (int64_t)((uint64_t)now_us - (uint64_t)before_us);

	if (!t->time)
		return t->value;
	if (gone < -SS_US_PER_DAY * 40000 || gone > SS_US_PER_DAY * 40000)
		gone = 0;
	return t->value + (gone >= 0 ? gone + unit / 2 : gone - unit / 2) / unit;
}
/* Writes the value in the form of token t; at most 24 characters. 0 when it has no such form. */
size_t ssj_pack_render(char out[24], const struct pack_token *t, int64_t value);

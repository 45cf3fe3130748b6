/* HJ/T 212-2005, HJ 212-2017 and HJ 212-2025: framing, segments, answers, observations.
 * Codec only: no I/O, no globals, base alone. All texts are borrowed from the caller's bytes.
 * Length and CRC are over raw bytes. Thread: any. */
#pragma once

#include "base/base.h"

#define SS_HJ212_SEGMENT_CAP                                                                       \
	8192 /* largest data segment taken by default; the field ends at 9999 */
#define SS_HJ212_SEGMENT_MAX 9999      /* what the length field can say */
#define SS_HJ212_SEGMENT_STANDARD 1024 /* largest segment of the standard, 6.3.1 */
#define SS_HJ212_MN_MAX 64

/* CRC of the standard (annex A of 2017): the register is shifted by 8 before each byte is xored in,
 * so it is neither CRC-16/MODBUS nor CRC-16/ARC. Vector: 2017 annex A gives 1C80. */
uint16_t ss_hj212_crc(const void *p, size_t n);
/* Whether that algorithm can give this value at all: only 256 of 65536 exist. */
bool ss_hj212_crc_possible(uint16_t crc);
/* CRC-16/MODBUS, the commonest wrong one. */
uint16_t ss_hj212_crc_modbus(struct ss_str s);
/* Which other algorithm gives `field` over s ("crc16_modbus", "crc16_modbus_byte_swapped",
 * "crc16_xmodem", "sum16" ...); NULL when none known here does. Static string. */
const char *ss_hj212_crc_alt(struct ss_str s, uint16_t field);

/* Faults, one bit each; every one has a name, the rule it breaks, and a text. */
enum ss_hj212_fault {
#define X(name, bit, key, rule, zh, en) SS_HJ212_##name = 1u << bit,
#include "sense/hj212/faults.def"
#undef X
};
/* Static texts of one bit; NULL for a bit that is no fault. */
const char *ss_hj212_fault_key(uint32_t one_bit);  /* "crc_modbus" */
const char *ss_hj212_fault_rule(uint32_t one_bit); /* "HJ 212-2017 6.3.1" */
const char *ss_hj212_fault_zh(uint32_t one_bit);
const char *ss_hj212_fault_en(uint32_t one_bit);

enum ss_hj212_verdict {
	SS_HJ212_ACCEPT,
	SS_HJ212_REJECT_CRC,
	SS_HJ212_REJECT_LENGTH,
	SS_HJ212_REJECT_GRAMMAR, /* length and CRC agree, but && does not end the segment or
				    ss_hj212_head refuses it */
	SS_HJ212_VERDICT_COUNT_,
};
const char *ss_hj212_verdict_name(enum ss_hj212_verdict v); /* "accept", "reject_crc" ... */

struct ss_hj212_frame {
	struct ss_str raw;     /* from ## to the CRC, without tail */
	struct ss_str segment; /* the data segment */
	int declared_len;      /* -1 when not four digits */
	int actual_len;        /* bytes found up to the CRC */
	uint16_t crc_calc;
	char crc_field[5]; /* as received, terminated */
	bool crc_ok;       /* by the standard's CRC (of the plain segment when encrypted) */
	bool encrypted;    /* 2025, SM4: segment is as sent; ss_hj212_plain makes it readable */
	enum ss_hj212_verdict verdict;
	uint32_t faults; /* ss_hj212_fault bits of framing */
	uint32_t noise;  /* bytes skipped before this frame, line ends not counted */
};

/* How strictly a device is taken; the device's profile says it. Zero = the standard. */
struct ss_hj212_policy {
	size_t segment_cap;     /* 0 = SS_HJ212_SEGMENT_CAP */
	bool accept_wrong_len;  /* length wrong but CRC right: accept with the mark */
	bool accept_modbus_crc; /* CRC-16/MODBUS (also byte-swapped) instead of the standard's */
	const uint8_t *sm4_key; /* 16 bytes: 2025 encrypted CP areas; NULL = none */
};

/* Cuts the next frame out of p[0..n). Returns 1 and fills *ret (borrowing from p) when one is
 * there, 0 when more bytes are needed. *ret_used: bytes to drop from the front in both cases
 * (noise, frame and tail). With 0 only ret->noise is set: the dropped bytes that are no line end;
 * add them to the noise of the next frame if you count it. Never reads past n, never needs more
 * than cap + 16 bytes. at_end: no more bytes will come (end of file, connection closed).
 *
 * What comes out does not depend on how the stream was cut into reads. A frame is good when `##`,
 * four digits, that many bytes ending with `&&`, and four hex digits stand there and the CRC is
 * right; every good frame comes out, and as soon as its last byte is there, whatever stands before
 * it. The one exception: bytes that lie inside the // // text of another good frame, or that
 * another good frame overlaps (length and CRC of that frame are right, so no receiver could tell).
 * A `##` that begins no good frame gives a rejected frame when `&&` + 4 hex + (CR, LF, ##, or the
 * end) follows before the next good one, or when its length leads to the right CRC before a line
 * end; else its bytes are noise. */
int ss_hj212_cut(const char *p, size_t n, bool at_end, const struct ss_hj212_policy *policy,
		 struct ss_hj212_frame *ret, size_t *ret_used);

/* Whether the data area of a segment as it was sent does not read as plain text: encrypted (2025).
 */
bool ss_hj212_sealed(struct ss_str segment);

/* The plain data segment of an encrypted frame, in a; the frame's own segment otherwise.
 * SS_EINVAL without a key, SS_ENOMEM, SS_EPARSE. */
int ss_hj212_plain(struct ss_arena *a, const struct ss_hj212_frame *f,
		   const struct ss_hj212_policy *policy, struct ss_str *ret);

/* The header of a segment. Missing fields have n 0 or the value stated. */
struct ss_hj212_head {
	struct ss_str qn, st, cn, pw, mn;
	int cn_num;       /* 0 when not a number */
	int flag;         /* -1 when absent */
	int pnum, pno;    /* 0 when absent */
	bool rf;          /* 2025 backfill mark */
	struct ss_str cp; /* between CP=&& and the last && ; trimmed */
	uint32_t faults;  /* grammar faults found in the header */
};
/* 0, or SS_EPARSE when there is no CP or no MN and no CN at all (*ret is filled as far as known).
 */
int ss_hj212_head(struct ss_str segment, struct ss_hj212_head *ret);

/* 2005, 2017, 2025; by MN shape and Flag, with the surface-water profile told apart (ST=21 and MN
 * with letters: version bits 2 do not mean 2025). */
enum ss_hj212_edition { SS_HJ212_2005, SS_HJ212_2017, SS_HJ212_2025, SS_HJ212_WATER };
enum ss_hj212_edition ss_hj212_edition(const struct ss_hj212_head *h);
const char *ss_hj212_edition_name(enum ss_hj212_edition e);
static inline bool ss_hj212_wants_answer(const struct ss_hj212_head *h)
{
	return h->flag > 0 && (h->flag & 1);
}

/* Walks the data area item by item (`;`), class by class (`,`). Text between // is kept whole. */
struct ss_hj212_pair {
	int item;           /* index of the item, from 0 */
	struct ss_str name; /* "w01018-Rtd" */
	struct ss_str code; /* "w01018" (the whole name when there is no '-') */
	struct ss_str cls;  /* "Rtd" or empty */
	struct ss_str value;
	bool has_value; /* false: no '=' */
};
struct ss_hj212_walk {
	struct ss_str rest;
	int item;
	bool in_item;
	bool no_more_text; /* no closing // of a text is left in rest */
	uint32_t faults;   /* F_ITEM, F_TEXT_OPEN met so far */
};
static inline struct ss_hj212_walk ss_hj212_walk(struct ss_str cp)
{
	return (struct ss_hj212_walk){.rest = cp};
}
bool ss_hj212_next_pair(struct ss_hj212_walk *w, struct ss_hj212_pair *ret);

/* Observations of one data frame (2011, 2021, 2031, 2041, 2051, 2061 and local ones). */
enum ss_hj212_period { SS_HJ212_RTD, SS_HJ212_MINUTE, SS_HJ212_HOUR, SS_HJ212_DAY };
struct ss_hj212_value {
	struct ss_str code; /* factor as sent; 2005 codes and names are mapped by ss_hj212_factor */
	struct ss_str cls;  /* Rtd Avg Min Max Cou ZsRtd ZsAvg ... RS RT Data */
	double value;       /* NAN when it is not a number: keep the mark */
	char mark;          /* code-Flag of the item, 'N' when absent */
	struct ss_str
	    sample_time; /* code-SampleTime as sent (14 digits); n 0 when absent or empty */
};
struct ss_hj212_data {
	enum ss_hj212_period period;
	int64_t time_us; /* DataTime; SS_TIME_NONE when absent or impossible */
	uint32_t faults;
};
/* Calls fn for each value in order of the frame; the mark of an item applies to all its classes
 * wherever it stands in it. Same code twice: fn is called for both, the later one wins downstream.
 * fn NULL: only the data's head is wanted.
 * Returns the number of values, 0 for commands without data, or SS_EPARSE. No allocation. */
typedef void ss_hj212_value_fn(void *arg, const struct ss_hj212_data *d,
			       const struct ss_hj212_value *v);
int ss_hj212_observe(const struct ss_hj212_head *h, struct ss_hj212_data *ret_d,
		     ss_hj212_value_fn *fn, void *arg);

/* Today's code for a factor: 2005 codes by system (ST) to 2017 ones, plain names (PM25, TSP, WD)
 * and misspelt ones to codes; returns the input when nothing is known. Static strings. */
struct ss_str ss_hj212_factor(struct ss_str st, struct ss_str code);
/* Name and unit of a 2017 code; NULL when unknown. */
struct ss_hj212_factor_info {
	const char *code, *old, *zh, *en, *unit, *total_unit, *type;
};
const struct ss_hj212_factor_info *ss_hj212_factor_info(struct ss_str code);
const struct ss_hj212_factor_info *ss_hj212_factors(size_t *ret_n);

/* Text of a // // value or of a name as UTF-8: as it is when valid, else from GB18030, else hex;
 * hex too when it holds a 0 byte, which neither databases nor JSON readers take.
 * *ret_encoding: "utf-8", "gbk", "hex". Lives in a. */
int ss_hj212_text(struct ss_arena *a, struct ss_str bytes, struct ss_str *ret,
		  const char **ret_encoding);

/* Writes "##len segment crc CRLF" for a segment already in seg. */
int ss_hj212_frame_put(struct ss_buf *out, struct ss_str segment);
/* The same with the data area encrypted by SM4 (2025): the CRC is of the plain segment. */
int ss_hj212_frame_put_sm4(struct ss_buf *out, struct ss_str segment, const uint8_t key[16]);
/* Answers in the form of the edition that asked (2005 puts QN into CP): 9014 data, 9013 notice,
 * 9011 request (cp "QnRtn=1"), 9012 (cp "ExeRtn=1"). */
int ss_hj212_answer_put(struct ss_buf *out, const struct ss_hj212_head *to, int cn,
			struct ss_str cp);
/* True for the answers that must never be answered (9011, 9012, 9013, 9014). */
bool ss_hj212_is_answer(int cn);
/* Which answer an upload or notice gets when it asks for one: 9014, 9013 (1013, 9015), or 0. */
int ss_hj212_answer_for(const struct ss_hj212_head *h);

/* --- commands to devices (commands.def) --------------------------------------------------------
 */
#define SS_HJ212_BIT(edition) (1u << (edition))
#define SS_HJ212_COMMAND_CP_MAX 950 /* largest data area, 2017 6.3.2 */

enum ss_hj212_command_kind {
	SS_HJ212_COMMAND_SET,  /* answered by 9011, then 9012 */
	SS_HJ212_COMMAND_GET,  /* 9011, data frames of the same CN, 9012 */
	SS_HJ212_COMMAND_TELL, /* a notice: 9013 */
};
struct ss_hj212_command {
	int cn;
	const char *key;   /* "clock_get": one word over the editions */
	unsigned editions; /* SS_HJ212_BIT of each that has it */
	enum ss_hj212_command_kind kind;
	bool changes;       /* alters the device or makes it act */
	const char *params; /* "PolId! BeginTime": see ss_hj212_command_next_param */
	const char *zh, *en;
};
enum ss_hj212_param_type {
	SS_HJ212_PARAM_TIME,
	SS_HJ212_PARAM_INT,
	SS_HJ212_PARAM_NUMBER,
	SS_HJ212_PARAM_MINUTES,
	SS_HJ212_PARAM_CODE,
	SS_HJ212_PARAM_TEXT,
	SS_HJ212_PARAM_HHMM,
	SS_HJ212_PARAM_HHMMSS,
	SS_HJ212_PARAM_HEX,
};
struct ss_hj212_command_param {
	const char *name; /* "RtdInterval"; "*-Info" = any code before the hyphen */
	unsigned editions;
	enum ss_hj212_param_type type;
	int64_t least, most;
	bool secret; /* a password or key: never shown or kept */
	const char *zh, *en;
};
const struct ss_hj212_command *ss_hj212_commands(size_t *ret_n);
/* The command in that edition; NULL when the edition does not have it. */
const struct ss_hj212_command *ss_hj212_command(int cn, enum ss_hj212_edition e);
const struct ss_hj212_command *ss_hj212_command_named(struct ss_str key, enum ss_hj212_edition e);
const struct ss_hj212_command_param *ss_hj212_command_param(struct ss_str name,
							    enum ss_hj212_edition e);
/* Walks a command's parameters: name without its !, and whether it must be there. */
bool ss_hj212_command_next_param(struct ss_str *rest, struct ss_str *ret_name, bool *ret_must);
/* Whether cp is what the command takes: known names, values in range, nothing missing. SS_EINVAL
 * and SS_ETOOBIG name the parameter and what it must be. */
int ss_hj212_command_check(const struct ss_hj212_command *c, enum ss_hj212_edition e,
			   struct ss_str cp, struct ss_error *err);
bool ss_hj212_command_secret(struct ss_str cp); /* holds a password or a key */
/* Value of a name in a data area; n 0 when it is not there. */
struct ss_str ss_hj212_pair_value(struct ss_str cp, const char *name);
/* What the codes of 9011 and 9012 mean (2017 6.6.5). Static. */
const char *ss_hj212_qn_rtn_zh(int rtn);
const char *ss_hj212_exe_rtn_zh(int rtn);

/* Everything about one frame as one JSON object: declared_len, actual_len, len_ok, crc_field,
 * crc_calc, crc_ok, crc_alt and crc_in_value_set (when wrong), header, flag, cp, text and encoding
 * (when there is a // // text or one that is not UTF-8), verdict (reject_grammar included),
 * edition, faults[{key, rule, zh, en}] of framing, header and data. */
struct ss_json;
void ss_hj212_json(struct ss_json *j, const struct ss_hj212_frame *f,
		   const struct ss_hj212_policy *policy);

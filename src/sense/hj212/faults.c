/* Names and texts of faults and verdicts, all from faults.def. */
#include "sense/hj212/hj212.h"

struct fault_text {
	uint32_t bit;
	const char *key, *rule, *zh, *en;
};

static const struct fault_text texts[] = {
#define X(name, bit, key, rule, zh, en) {1u << bit, key, rule, zh, en},
#include "sense/hj212/faults.def"
#undef X
};

static const struct fault_text *find(uint32_t one_bit)
{
	static const struct fault_text unknown;

	for (size_t i = 0; i < SS_ARRAY_LEN(texts); i++) {
		if (texts[i].bit == one_bit)
			return &texts[i];
	}
	return &unknown;
}

const char *ss_hj212_fault_key(uint32_t one_bit)
{
	return find(one_bit)->key;
}

const char *ss_hj212_fault_rule(uint32_t one_bit)
{
	return find(one_bit)->rule;
}

const char *ss_hj212_fault_zh(uint32_t one_bit)
{
	return find(one_bit)->zh;
}

const char *ss_hj212_fault_en(uint32_t one_bit)
{
	return find(one_bit)->en;
}

const char *ss_hj212_verdict_name(enum ss_hj212_verdict v)
{
	static const char *const names[] = {
	    [SS_HJ212_ACCEPT] = "accept",
	    [SS_HJ212_REJECT_CRC] = "reject_crc",
	    [SS_HJ212_REJECT_LENGTH] = "reject_length",
	    [SS_HJ212_REJECT_GRAMMAR] = "reject_grammar",
	};

	ss_assert((unsigned)v < SS_HJ212_VERDICT_COUNT_);
	return names[v];
}

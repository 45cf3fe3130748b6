#include "reason/quality/quality.h"

static const char *const states[][3] = {
#define X(name, key, zh, en) {key, zh, en},
    SS_HOUR_STATES(X)
#undef X
};

const char *ss_hour_state_key(enum ss_hour_state s)
{
	return states[s][0];
}

const char *ss_hour_state_zh(enum ss_hour_state s)
{
	return states[s][1];
}

const char *ss_hour_state_en(enum ss_hour_state s)
{
	return states[s][2];
}

int ss_hour_state_parse(struct ss_str key, enum ss_hour_state *ret)
{
	for (int i = 0; i < SS_HOUR_STATE_COUNT_; i++) {
		if (ss_str_is(key, states[i][0])) {
			*ret = (enum ss_hour_state)i;
			return 0;
		}
	}
	return SS_ENOTFOUND;
}

static const struct {
	const char *key, *zh, *en;
} reasons[] = {
#define X(name, key, effect, zh, en) {key, zh, en},
#include "reason/quality/reasons.def"
#undef X
};

const char *ss_reason_key(enum ss_reason r)
{
	return reasons[r].key;
}

const char *ss_reason_zh(enum ss_reason r)
{
	return reasons[r].zh;
}

const char *ss_reason_en(enum ss_reason r)
{
	return reasons[r].en;
}

int ss_reason_parse(struct ss_str key, enum ss_reason *ret)
{
	for (int i = 0; i < SS_REASON_COUNT_; i++) {
		if (ss_str_is(key, reasons[i].key)) {
			*ret = (enum ss_reason)i;
			return 0;
		}
	}
	return SS_ENOTFOUND;
}

enum ss_reason ss_reason_of_flag(uint8_t flag)
{
	switch (flag) {
	case 0:
	case 'N':
		return SS_REASON_COUNT_;
	case 'F':
		return SS_REASON_FLAG_STOP;
	case 'M':
		return SS_REASON_FLAG_MAINTENANCE;
	case 'S':
		return SS_REASON_FLAG_MANUAL;
	case 'D':
		return SS_REASON_FLAG_FAULT;
	case 'C':
		return SS_REASON_FLAG_CALIBRATION;
	case 'T':
		return SS_REASON_FLAG_RANGE;
	case 'B':
		return SS_REASON_FLAG_LINE;
	default:
		return SS_REASON_FLAG_OTHER;
	}
}

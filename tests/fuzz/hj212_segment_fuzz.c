/* Any bytes as a segment: header, walk, observations, JSON, text, answer. The JSON must be one
 * whole valid value, the answer a frame that framing accepts. */
#include <math.h>

#include "base/base.h"
#include "base/json.h"
#include "sense/hj212/hj212.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t key[16] = "0000000000000000";

static void value(void *arg, const struct ss_hj212_data *d, const struct ss_hj212_value *v)
{
	const struct ss_hj212_head *h = arg;
	struct ss_str factor = ss_hj212_factor(h->st, v->code);

	ss_assert(d->time_us == SS_TIME_NONE || d->time_us > INT64_MIN / 2);
	ss_assert(!isinf(v->value) && v->mark && factor.p);
	ss_hj212_factor_info(factor);
}

static void check_answer(const struct ss_hj212_head *h, int cn)
{
	struct ss_buf b = SS_BUF_MAX(4096);
	struct ss_hj212_frame f;
	size_t used;

	if (ss_hj212_answer_put(&b, h, cn, cn == 9011 ? SS_STR("QnRtn=1") : SS_STR("")) == 0) {
		/* What is echoed may hold ## and && : the first frame cut need not be the whole. */
		ss_assert(ss_hj212_cut(b.p, b.n, true, NULL, &f, &used) == 1);
		ss_assert(f.verdict == SS_HJ212_ACCEPT);
	}
	ss_buf_done(&b);
}

static void check_json(struct ss_str segment)
{
	struct ss_buf b = SS_BUF_MAX(4 << 20), frame = SS_BUF_MAX(16384);
	struct ss_json j = ss_json_on(&b);
	const struct ss_hj212_policy policy = {.sm4_key = key};
	struct ss_hj212_frame f;
	struct ss_error err = {0};
	json_t *v = NULL;
	size_t used;

	ss_assert(ss_hj212_frame_put(&frame, segment) == 0);
	while (frame.n && ss_hj212_cut(frame.p, frame.n, true, &policy, &f, &used)) {
		ss_buf_reset(&b);
		j = ss_json_on(&b);
		ss_hj212_json(&j, &f, &policy);
		if (b.err == 0) {
			ss_assert(ss_json_parse(ss_buf_str(&b), &v, &err) == 0);
			json_decref(v);
		}
		ss_buf_cut(&frame, used);
	}
	ss_buf_done(&frame);
	ss_buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_str s = {(const char *)data, size};
	struct ss_hj212_head h;
	struct ss_hj212_data d;
	int n;

	if (size > 9000)
		return 0;
	ss_hj212_head(s, &h);
	ss_hj212_edition_name(ss_hj212_edition(&h));
	n = ss_hj212_observe(&h, &d, value, &h);
	ss_assert(n >= 0);
	check_answer(&h, 9014);
	check_answer(&h, 9011);
	ss_hj212_answer_for(&h);
	check_json(s);
	return 0;
}

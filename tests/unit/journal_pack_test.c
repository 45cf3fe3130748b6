/* Packing gives back every byte, for realistic frames and for whatever else may stand in a group.
 */
#include "record/journal/journal_internal.h"
#include "unit/journal_test.h"

#define SALT UINT64_C(0x0123456789abcdef)

struct block {
	uint8_t *p;
	size_t n, cap;
	uint64_t number, seq;
};

static void add_group(struct block *b, const struct ss_entry *e, size_t count, int64_t time_us)
{
	size_t head = b->n;
	struct ssj_group g = {.number = b->number,
			      .batch = b->number,
			      .first_seq = b->seq,
			      .count = (uint32_t)count,
			      .time_us = time_us};
	struct iovec body;

	b->n += SSJ_GROUP_HEAD;
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(ss_grow(&b->p, &b->cap, b->n + ssj_entry_size(&e[i]) + 64, 1), 0);
		ssj_entry_put(b->p + b->n, &e[i]);
		b->n += ssj_entry_size(&e[i]);
	}
	g.bytes = (uint32_t)(b->n - head - SSJ_GROUP_HEAD);
	ssj_group_put(b->p + head, SALT, &g);
	body = (struct iovec){b->p + head + SSJ_GROUP_HEAD, g.bytes};
	ssj_group_seal(b->p + head, &body, 1);
	b->number++;
	b->seq += count;
}

static void round_trip(const struct block *b)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(64u << 20);
	uint8_t *back = malloc(b->n);

	assert_int_equal(ssj_pack(b->p, b->n, SALT, &out), 0);
	assert_int_equal(ssj_unpack((const uint8_t *)out.p, out.n, SALT, b->n, back), 0);
	assert_memory_equal(back, b->p, b->n);
	/* cut anywhere: refused, never crashed */
	for (size_t n = 0; n < out.n; n += 1 + out.n / 50) {
		uint8_t *cut = malloc(n + 1);

		memcpy(cut, out.p, n);
		assert_int_equal(ssj_unpack(cut, n, SALT, b->n, back), SS_ECORRUPT);
		free(cut);
	}
	free(back);
}

static uint32_t roll(uint32_t *s)
{
	*s = *s * 1664525u + 1013904223u;
	return *s >> 8;
}

/* The texts that make trouble: leading zeros, minus zero, numbers too long, impossible times,
 * tokens at the very end, equal signs in a row, bytes that are no text. */
static const char *const odd[] = {
    "",
    "=",
    "a=1",
    "a=01;b=-0;c=-0.0;d=00.10;e=1.;f=.5;g=1e5;h=-;i=--1;j=1.2.3",
    "a=123456789012345678;b=1234567890123456789;c=999999999999999999",
    "t=20261123103200;u=20260230103200;v=99991231235959;w=20261123103200123",
    "t=19700101000000;u=19700101080000;v=29991231235959999;w=30000101000000",
    "==1==2=3",
    "##0003abcFFFF",
    "##0000",
    "##00000000",
    "a=5\n=6\r=7",
    "x=1.50;y=2.000;z=-3.25",
};

static void test_odd_texts_follow_each_other(void **state)
{
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct block b = {.number = 1 + roll(&seed) % 5, .seq = 9};
		int64_t now = (int64_t)roll(&seed) * 1000000;

		for (int g = 0; g < 20; g++) {
			struct ss_entry e[4];
			size_t n = 1 + roll(&seed) % 4;

			for (size_t i = 0; i < n; i++) {
				now += (int64_t)(roll(&seed) % 90000000) - 10000000;
				e[i] = (struct ss_entry){
				    .kind = (enum ss_entry_kind)(1 + roll(&seed) % 6),
				    .verdict = (uint8_t)(roll(&seed) % 3),
				    .faults = roll(&seed) % 2 ? 0 : roll(&seed),
				    .arrived_us = roll(&seed) % 50 ? now : INT64_MIN + roll(&seed),
				    .source = ss_str_of(roll(&seed) % 2 ? "tcp/1" : ""),
				    .body = ss_str_of(odd[roll(&seed) % SS_ARRAY_LEN(odd)]),
				};
			}
			add_group(&b, e, n, now + 5);
		}
		round_trip(&b);
		free(b.p);
	}
}

/* Every number and moment of many lengths against every other in the same place. */
static void test_numbers_change_in_every_way(void **state)
{
	static const char *const v[] = {
	    "0",
	    "1",
	    "-1",
	    "9",
	    "10",
	    "-10",
	    "007",
	    "0.5",
	    "-0.5",
	    "10.25",
	    "9.75",
	    "00.5",
	    "999999999999999999",
	    "-999999999999999999",
	    "0.00000000000000001",
	    "20261123103200",
	    "20261123103259",
	    "20261123103200999",
	    "20261231235959000",
	    "12345678901234",
	    "-0",
	    "5.",
	};
	struct block b = {.number = 1, .seq = 1};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(v); i++)
		for (size_t k = 0; k < SS_ARRAY_LEN(v); k++) {
			char x[80], y[80];
			struct ss_entry e[2] = {{.kind = SS_ENTRY_HJ212, .arrived_us = 1000},
						{.kind = SS_ENTRY_HJ212, .arrived_us = 61000000}};

			snprintf(x, sizeof(x), "QN=1;MN=A;v=%s&&", v[i]);
			snprintf(y, sizeof(y), "QN=1;MN=A;v=%s&&", v[k]);
			e[0].body = ss_str_of(x);
			e[1].body = ss_str_of(y);
			add_group(&b, e, 2, 0);
		}
	round_trip(&b);
	free(b.p);
}

/* What is not whole groups is left to plain zstd. */
static void test_not_groups(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 20);
	uint8_t junk[300] = {1, 2, 3};

	(void)state;
	assert_int_equal(ssj_pack(junk, sizeof(junk), SALT, &out), SS_EUNSUPPORTED);
}

/* HJ 212-2017 annex A: this segment has CRC 1C80. */
static void test_frame_crc(void **state)
{
	static const char s[] = "QN=20160801085857223;ST=32;CN=1062;PW=100000;MN="
				"010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&";
	struct block b = {.number = 1, .seq = 1};
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 20);
	struct ss_entry e = {.kind = SS_ENTRY_HJ212};
	char frame[200];
	size_t with, without;

	(void)state;
	for (int good = 1; good >= 0; good--) {
		b.n = 0;
		snprintf(frame, sizeof(frame), "##%04zu%s%s", sizeof(s) - 1, s,
			 good ? "1C80" : "1C81");
		e.body = ss_str_of(frame);
		add_group(&b, &e, 1, 0);
		round_trip(&b);
		ss_buf_reset(&out);
		assert_int_equal(ssj_pack(b.p, b.n, SALT, &out), 0);
		*(good ? &with : &without) = out.n;
	}
	assert_int_equal(without - with, 10); /* a right length and CRC are not stored */
	free(b.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_odd_texts_follow_each_other),
	    cmocka_unit_test(test_numbers_change_in_every_way),
	    cmocka_unit_test(test_not_groups),
	    cmocka_unit_test(test_frame_crc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

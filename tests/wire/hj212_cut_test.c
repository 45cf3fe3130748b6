/* Framing: what comes out does not depend on the reads, no good frame is lost, and the work stays
 * bounded whatever is sent. */
#include "hj212_test.h"

#define MOST 4096

struct record {
	uint64_t offset;
	size_t len;
	enum ss_hj212_verdict verdict;
	uint32_t noise;
};

struct records {
	size_t n;
	struct record r[MOST];
};

/* Feeds p in pieces; sizes come from `next`, 0 = all at once. */
static void feed(const char *p, size_t n, size_t (*next)(void *), void *arg,
		 const struct ss_hj212_policy *policy, struct records *out)
{
	struct ss_buf b = SS_BUF_MAX(1 << 22);
	uint64_t offset = 0;
	uint32_t noise = 0;
	size_t at = 0, used;
	bool end;

	out->n = 0;
	do {
		size_t piece = next ? next(arg) : n;

		piece = piece < n - at ? piece : n - at;
		assert_int_equal(ss_buf_add(&b, p + at, piece), 0);
		at += piece;
		end = at == n;
		for (;;) {
			struct ss_hj212_frame f;
			int r = ss_hj212_cut(b.p ? b.p : "", b.n, end, policy, &f, &used);

			noise += f.noise;
			if (r) {
				assert_true(out->n < MOST);
				out->r[out->n++] = (struct record){
				    offset + (uint64_t)(f.raw.p - b.p), f.raw.n, f.verdict, noise};
				noise = 0;
			}
			offset += used;
			ss_buf_cut(&b, used);
			if (!r)
				break;
		}
		if (!end)
			assert_true(b.n <= SS_HJ212_SEGMENT_CAP + 16);
	} while (!end);
	assert_int_equal(b.n, 0);
	ss_buf_done(&b);
}

static size_t ones(void *arg)
{
	(void)arg;
	return 1;
}

static size_t random_piece(void *arg)
{
	return 1 + rnd(arg) % 200;
}

struct two {
	size_t first;
	int calls;
};

static size_t in_two(void *arg)
{
	struct two *t = arg;

	return t->calls++ == 0 ? t->first : SIZE_MAX;
}

static struct records whole, pieces;

static void assert_same(const char *what)
{
	if (whole.n != pieces.n)
		fail_msg("%s: %zu frames, %zu in pieces", what, whole.n, pieces.n);
	for (size_t i = 0; i < whole.n; i++) {
		if (whole.r[i].offset != pieces.r[i].offset || whole.r[i].len != pieces.r[i].len ||
		    whole.r[i].verdict != pieces.r[i].verdict ||
		    whole.r[i].noise != pieces.r[i].noise)
			fail_msg("%s: frame %zu differs", what, i);
	}
}

/* A stream out of good frames, broken ones, and the fragments that framing turns on. */
static void make_stream(struct ss_buf *b, const struct ss_buf *samples, uint64_t *seed)
{
	static const char *const bits[] = {
	    "##",       "#",          "##9999",         "##8000", "##0020",
	    "&&",       "&&1C80\r\n", "&&0000",         "\r\n",   "\\r\\n",
	    "//",       "##0138QN=1", "##0004&&&&C0C1", "12",     "CP=&&",
	    "\xC7\xE5", "\0\0",       "##0012"};
	int parts = 1 + (int)(rnd(seed) % 12);

	ss_buf_reset(b);
	for (int i = 0; i < parts; i++) {
		if (rnd(seed) % 2) {
			ss_buf_addz(b, bits[rnd(seed) % SS_ARRAY_LEN(bits)]);
			continue;
		}
		size_t from = rnd(seed) % samples->n, n = rnd(seed) % 400, at = b->n;

		while (from > 0 && rnd(seed) % 4 && samples->p[from - 1] != '\n')
			from--;
		n = n < samples->n - from ? n : samples->n - from;
		ss_buf_add(b, samples->p + from, n);
		if (n && rnd(seed) % 3 == 0)
			b->p[at + rnd(seed) % n] = "#&09a\r/"[rnd(seed) % 7];
	}
}

static void same_records_whatever_the_reads(void **state)
{
	struct ss_buf samples = read_data("samples.txt"), b = SS_BUF_MAX(1 << 20);
	const struct ss_hj212_policy policies[] = {
	    {0}, {.accept_wrong_len = true}, {.accept_modbus_crc = true}, {.segment_cap = 100}};
	uint64_t seed = 7;

	(void)state;
	for (int round = 0; round < 1500; round++) {
		const struct ss_hj212_policy *policy = &policies[rnd(&seed) % 4];

		make_stream(&b, &samples, &seed);
		feed(b.p, b.n, NULL, NULL, policy, &whole);
		feed(b.p, b.n, ones, NULL, policy, &pieces);
		assert_same("byte by byte");
		feed(b.p, b.n, random_piece, &seed, policy, &pieces);
		assert_same("random reads");
	}
	ss_buf_done(&samples);
	ss_buf_done(&b);
}

/* Every sample stream cut in two at every byte. */
static void every_cut_in_two(void **state)
{
	struct ss_buf samples = read_data("samples.txt");
	size_t n = samples.n < 6000 ? samples.n : 6000;

	(void)state;
	feed(samples.p, n, NULL, NULL, NULL, &whole);
	for (size_t at = 1; at < n; at++) {
		struct two t = {.first = at};

		feed(samples.p, n, in_two, &t, NULL, &pieces);
		assert_same("in two");
	}
	ss_buf_done(&samples);
}

static bool accepted_at(const struct records *r, uint64_t offset)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->r[i].offset == offset && r->r[i].verdict == SS_HJ212_ACCEPT)
			return true;
	}
	return false;
}

/* The exception of the contract: another frame that is right by length and CRC covers the place. */
static bool legally_covered(const char *p, const struct records *r, uint64_t offset)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct record *c = &r->r[i];

		if (c->verdict == SS_HJ212_ACCEPT && c->offset < offset &&
		    c->offset + c->len > offset) {
			const char *seg = p + c->offset + 6;
			size_t n = c->len - 10;

			assert_int_equal(ss_hj212_crc_bytewise(seg, n), strtoul(seg + n, NULL, 16));
			return true;
		}
	}
	return false;
}

static const char good[] = "##0138QN=20260301120000013;ST=32;CN=2011;PW=123456;"
			   "MN=320100NJ0000000000000007;Flag=5;CP=&&DataTime=20260301120000;"
			   "w01018-Rtd=13,w01018-Flag=N&&0000\r\n";

/* A good frame stands behind anything; with a second half of the mutated stream behind it. */
static void no_good_frame_is_lost(void **state)
{
	struct ss_buf samples = read_data("samples.txt"), b = SS_BUF_MAX(1 << 20);
	uint64_t seed = 99;
	int covered = 0, rounds = 20000;

	(void)state;
	for (int round = 0; round < rounds; round++) {
		size_t at;

		make_stream(&b, &samples, &seed);
		at = b.n;
		ss_buf_add(&b, good, sizeof(good) - 1);
		feed(b.p, b.n, round % 8 ? NULL : random_piece, &seed, NULL, &whole);
		if (accepted_at(&whole, at))
			continue;
		if (!legally_covered(b.p, &whole, at))
			fail_msg("round %d: the good frame at %zu is lost", round, at);
		covered++;
	}
	/* CRC misses 1 in 256, and only where && + 4 hex stands by chance as well. */
	assert_true(covered < rounds / 500);
	ss_buf_done(&samples);
	ss_buf_done(&b);
}

/* A good frame is given out when its last byte is there, not when an earlier wrong length is
 * served. */
static void good_frames_do_not_wait(void **state)
{
	static const char *const before[] = {
	    "##8000QN=1;",
	    "##0837QN=20260301120000012;ST=32;CN=2011;CP=&&w01018-Rtd=12&&C301\r\n",
	    "##0300QN=20260301",
	    "###",
	    "##01##00##",
	    "##8000CN=3020;CP=&&i11001-Info=//http://a/b//;", /* its text is closed */
	    "##8000CN=2011;CP=&&w01018-Rtd=1//2;",            /* and this is none */
	};
	struct ss_buf b = SS_BUF_MAX(4096);

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(before); i++) {
		struct ss_hj212_frame f;
		size_t at = 0, used;
		bool found = false;

		ss_buf_reset(&b);
		ss_buf_addz(&b, before[i]);
		ss_buf_add(&b, good, sizeof(good) - 3); /* without CR LF */
		while (ss_hj212_cut(b.p + at, b.n - at, false, NULL, &f, &used)) {
			found |= f.verdict == SS_HJ212_ACCEPT;
			at += used;
		}
		assert_true(found);
	}
	ss_buf_done(&b);
}

/* But a frame logged inside the text of a good one is text, whatever slashes the text holds. */
static void frames_inside_texts_are_text(void **state)
{
	static const char *const says[] = {"sent", "http://a/b", "a // b", "/"};
	struct ss_buf inner = SS_BUF_MAX(4096), b = SS_BUF_MAX(4096);
	char segment[1024];

	(void)state;
	add_frame(&inner, "QN=20260301120000001;ST=91;CN=9014;PW=1;MN=1;Flag=4;CP=&&&&");
	for (size_t i = 0; i < SS_ARRAY_LEN(says); i++) {
		snprintf(segment, sizeof(segment),
			 "QN=20260301120000016;ST=32;CN=3020;PW=123456;MN=1;Flag=5;CP=&&"
			 "DataTime=20260301120000;i11001-Info=//%s %.*s//&&",
			 says[i], (int)inner.n - 2, inner.p);
		ss_buf_reset(&b);
		add_frame(&b, segment);
		feed(b.p, b.n, NULL, NULL, NULL, &whole);
		feed(b.p, b.n, ones, NULL, NULL, &pieces);
		assert_same("frame in text");
		assert_int_equal(whole.n, 1);
		assert_int_equal(whole.r[0].verdict, SS_HJ212_ACCEPT);
		assert_int_equal(whole.r[0].offset, 0);
	}
	ss_buf_done(&inner);
	ss_buf_done(&b);
}

/* Length and CRC agree, but the closing && or the whole data area is missing: refused for its
 * grammar and kept, with the frame behind it untouched. The CRCs are from a program in another
 * language. */
static void frames_without_their_end(void **state)
{
	static const char *const wrong[] = {
	    "##0098QN=20260301120000001;ST=32;CN=2011;PW=123456;MN=1;Flag=5;CP=&&"
	    "DataTime=20260301120000;w01018-Rtd=15440",
	    "##0049QN=20260301120000001;ST=32;CN=2011;PW=123456;MN=10780",
	};
	struct ss_buf b = SS_BUF_MAX(4096);

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(wrong); i++) {
		ss_buf_reset(&b);
		ss_buf_addf(&b, "%s\r\n%s", wrong[i], good);
		feed(b.p, b.n, NULL, NULL, NULL, &whole);
		feed(b.p, b.n, ones, NULL, NULL, &pieces);
		assert_same("no end");
		assert_int_equal(whole.n, 2);
		assert_int_equal(whole.r[0].offset, 0);
		assert_int_equal(whole.r[0].len, strlen(wrong[i]));
		assert_int_equal(whole.r[0].verdict, SS_HJ212_REJECT_GRAMMAR);
		assert_int_equal(whole.r[1].verdict, SS_HJ212_ACCEPT);
	}
	ss_buf_done(&b);
}

static void tails(void **state)
{
	static const char *const tail[] = {"\r\n", "\r", "\n", "", "\\r\\n", "\r\n\r\n"};
	struct ss_buf b = SS_BUF_MAX(1 << 16);

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(tail); i++) {
		ss_buf_reset(&b);
		for (int k = 0; k < 3; k++) {
			ss_buf_add(&b, good, sizeof(good) - 3);
			ss_buf_addz(&b, tail[i]);
		}
		feed(b.p, b.n, NULL, NULL, NULL, &whole);
		feed(b.p, b.n, ones, NULL, NULL, &pieces);
		assert_same(tail[i]);
		assert_int_equal(whole.n, 3);
		for (int k = 0; k < 3; k++) {
			assert_int_equal(whole.r[k].verdict, SS_HJ212_ACCEPT);
			assert_int_equal(whole.r[k].noise, 0);
		}
	}
	ss_buf_done(&b);
}

/* Length too short, too long, absent; each with the right CRC, so a device's profile may take it.
 */
static void wrong_lengths(void **state)
{
	static const char *const length[] = {"0001", "0136", "0142", "0178",
					     "0900", "01A8", "138",  "9999"};
	const struct ss_hj212_policy lenient = {.accept_wrong_len = true};
	struct ss_buf b = SS_BUF_MAX(1 << 16);

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(length); i++) {
		struct ss_hj212_frame f;
		size_t used;

		ss_buf_reset(&b);
		ss_buf_addf(&b, "##%s%s", length[i], good + 6);
		feed(b.p, b.n, NULL, NULL, NULL, &whole);
		assert_int_equal(whole.n, 1);
		assert_int_equal(whole.r[0].verdict, SS_HJ212_REJECT_LENGTH);
		/* At once, though more bytes may come. */
		assert_int_equal(ss_hj212_cut(b.p, b.n, false, &lenient, &f, &used), 1);
		assert_int_equal(f.verdict, SS_HJ212_ACCEPT);
		assert_true(f.faults & SS_HJ212_F_LENGTH);
		assert_true(f.crc_ok);
		assert_int_equal(used, b.n);
	}
	ss_buf_done(&b);
}

static void modbus_by_profile(void **state)
{
	static const char frame[] = "##0077QN=20170516010101001;ST=22;CN=1011;PW=123456;"
				    "MN=ABCDEFG1234567;Flag=3;CP=&&&&8411\r\n";
	const struct ss_hj212_policy modbus = {.accept_modbus_crc = true};
	struct ss_hj212_frame f;
	size_t used;

	(void)state;
	assert_int_equal(ss_hj212_cut(frame, sizeof(frame) - 1, false, NULL, &f, &used), 1);
	assert_int_equal(f.verdict, SS_HJ212_REJECT_CRC);
	assert_int_equal(f.faults,
			 SS_HJ212_F_CRC | SS_HJ212_F_CRC_MODBUS | SS_HJ212_F_CRC_IMPOSSIBLE);
	assert_int_equal(ss_hj212_cut(frame, sizeof(frame) - 1, false, &modbus, &f, &used), 1);
	assert_int_equal(f.verdict, SS_HJ212_ACCEPT);
	assert_false(f.crc_ok);
}

/* A zero CRC is a legal result, and no "CRC left out". */
static void zero_crc(void **state)
{
	struct ss_hj212_frame f;
	size_t used;

	(void)state;
	assert_int_equal(ss_hj212_cut(good, sizeof(good) - 1, true, NULL, &f, &used), 1);
	assert_string_equal(f.crc_field, "0000");
	assert_int_equal(f.verdict, SS_HJ212_ACCEPT);
}

/* The CRC of a good frame behind many lengths that lead to && and hex is made another way: the
 * same, wherever the frame stands. */
static void good_behind_many_lies(void **state)
{
	static const int lies[] = {3, 40, 11000, 13000};
	struct ss_buf b = SS_BUF_MAX(1 << 20);

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(lies); i++) {
		for (int pad = 0; pad < (lies[i] > 40 ? 9 : 130); pad++) {
			size_t at;

			ss_buf_reset(&b);
			for (int k = 0; k < lies[i]; k++)
				ss_buf_addz(&b, "##8186&&8186");
			for (int k = 0; k < pad; k++)
				ss_buf_addc(&b, 'x');
			at = b.n;
			ss_buf_add(&b, good, sizeof(good) - 1);
			feed(b.p, b.n, NULL, NULL, NULL, &whole);
			assert_true(accepted_at(&whole, at));
		}
	}
	ss_buf_done(&b);
}

/* ---- work ---- */

static double work_per_byte(const char *unit, size_t unit_n, size_t total)
{
	struct ss_buf b = SS_BUF_MAX(total + unit_n);
	uint64_t work = 0;
	struct ss_hj212_frame f;
	size_t at = 0, used;

	while (b.n < total)
		ss_buf_add(&b, unit, unit_n);
	while (ss_hj212_cut_counted(b.p + at, b.n - at, true, NULL, &f, &used, &work))
		at += used;
	ss_buf_done(&b);
	return (double)work / (double)total;
}

/* The same work a byte for ten times the bytes, and little of it. */
static void work_is_linear(void **state)
{
	static const char *const hostile[] = {
	    "##",
	    "#",
	    "##0000",
	    "##9999",
	    "##8000",
	    "##0138",
	    "&&",
	    "&&1234",
	    "##&&1234\r",
	    "##0000&&1234\r",
	    "##0138QN=1;CP=&&",
	    "##8000//",
	    "##0010##0020",
	    "##1234&&12\r",
	    "//##",
	    "##8192&&\r\n",
	    "##8186&&8186", /* every length leads to && and hex, and no CRC is right */
	    "##1112",
	    "##8004\r\n",
	};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(hostile); i++) {
		double small = work_per_byte(hostile[i], strlen(hostile[i]), 100000);
		double large = work_per_byte(hostile[i], strlen(hostile[i]), 1000000);

		if (small > 40 || large > small * 1.2 + 1)
			fail_msg("\"%s\": %.1f then %.1f bytes looked at for each byte", hostile[i],
				 small, large);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(same_records_whatever_the_reads),
	    cmocka_unit_test(every_cut_in_two),
	    cmocka_unit_test(no_good_frame_is_lost),
	    cmocka_unit_test(good_frames_do_not_wait),
	    cmocka_unit_test(frames_inside_texts_are_text),
	    cmocka_unit_test(frames_without_their_end),
	    cmocka_unit_test(tails),
	    cmocka_unit_test(wrong_lengths),
	    cmocka_unit_test(modbus_by_profile),
	    cmocka_unit_test(zero_crc),
	    cmocka_unit_test(good_behind_many_lies),
	    cmocka_unit_test(work_is_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

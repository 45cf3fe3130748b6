/* Draws by lot that anyone can repeat: whole numbers out of a seed by SM3, nothing else. */
#include "base/crypto.h"
#include "reason/calc/calc_internal.h"

/* --- random.digest ------------------------------------------------------------------------------
 */

static const struct ss_calc_field digest_in[] = {SS_TEXT("text", "文本，按 UTF-8 字节"), {0}};
static const struct ss_calc_output digest_out[] = {{"digest", "string", "SM3，小写十六进制"}, {0}};

static void digest(struct ss_calc_run *r)
{
	struct ss_str text = ss_calc_get(r, "text")->text;
	uint8_t sum[SS_SM3_LEN];
	char hex[2 * SS_SM3_LEN + 1];

	if (ss_sm3(text.p, text.n, sum) < 0) {
		ss_calc_fail(r, "unsupported", "text", "这台机器算不出 SM3");
		return;
	}
	for (size_t i = 0; i < SS_SM3_LEN; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	ss_calc_put_word(r, "digest", hex);
}

/* --- random.draw --------------------------------------------------------------------------------
 */

#define WORDS 4 /* of a block: SM3 has 32 bytes, a word 8 */
#define N_MAX 1000000
#define POSITION_MAX 9007199254740991.0

static const struct ss_calc_field draw_in[] = {
    SS_TEXT("seed", "种子，32 字节的十六进制"),
    SS_INT("position", "从数流的第几个字开始，首个为 0", NULL, SS_AT_LEAST(0),
	   SS_AT_MOST(POSITION_MAX), SS_DEFAULT("0")),
    SS_INT("n", "待抽的个数", NULL, SS_AT_LEAST(0), SS_AT_MOST(N_MAX)),
    SS_INT("k", "抽出的个数", NULL, SS_AT_LEAST(0), SS_AT_MOST(N_MAX)),
    SS_NUMS("weights", "每个的权重，正整数；省略为等权", NULL, SS_AT_LEAST(1),
	    SS_AT_MOST(1000000000), SS_OPTIONAL),
    {0}};
static const struct ss_calc_output draw_out[] = {
    {"picks", "integer[]", "依次抽中的序号，从 1 起"},
    {"position", "integer", "下一次从数流的第几个字开始"},
    {0}};

struct stream {
	uint8_t seed[SS_SM3_LEN];
	uint64_t position, word[WORDS], block; /* block: which one stands in word */
	bool filled;
	int z; /* < 0: the digest failed */
};

static bool seed_of(struct ss_str text, uint8_t out[SS_SM3_LEN])
{
	size_t n;

	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] >= 'A' && text.p[i] <= 'F')
			return false;
	return text.n == 2 * (size_t)SS_SM3_LEN && ss_hex_decode(text, out, SS_SM3_LEN, &n) == 0;
}

/* Block i is SM3 of the seed and i as eight bytes, the highest first. */
static void fill(struct stream *s, uint64_t block)
{
	uint8_t in[SS_SM3_LEN + 8], out[SS_SM3_LEN];

	memcpy(in, s->seed, SS_SM3_LEN);
	for (int i = 0; i < 8; i++)
		in[SS_SM3_LEN + i] = (uint8_t)(block >> (56 - 8 * i));
	if (s->z == 0)
		s->z = ss_sm3(in, sizeof(in), out);
	for (int w = 0; w < WORDS && s->z == 0; w++) {
		s->word[w] = 0;
		for (int i = 0; i < 8; i++)
			s->word[w] = s->word[w] << 8 | out[8 * w + i];
	}
	s->block = block;
	s->filled = true;
}

static uint64_t next_word(struct stream *s)
{
	uint64_t at = s->position++;

	if (!s->filled || s->block != at / WORDS)
		fill(s, at / WORDS);
	return s->word[at % WORDS];
}

/* A number below n, every one as likely: words above the largest multiple of n are passed over. */
static uint64_t below(struct stream *s, uint64_t n)
{
	uint64_t rest = (UINT64_MAX % n + 1) % n, w; /* 2^64 mod n */

	do
		w = next_word(s);
	while (rest != 0 && w > UINT64_MAX - rest && s->z == 0);
	return w % n;
}

/* Partial Fisher-Yates: the i-th is swapped with one of those behind it, itself included. */
static void shuffle(struct stream *s, double *id, size_t n, size_t k)
{
	for (size_t i = 0; i < k; i++) {
		size_t j = i + (size_t)below(s, n - i);
		double t = id[i];

		id[i] = id[j];
		id[j] = t;
	}
}

/* By weight: the one in whose share the number falls; it leaves, the others keep their order. */
static void by_weight(struct stream *s, const double *weight, bool *gone, double *id, size_t n,
		      size_t k)
{
	uint64_t total = 0;

	for (size_t i = 0; i < n; i++)
		total += (uint64_t)weight[i];
	for (size_t i = 0; i < k; i++) {
		uint64_t at = below(s, total), sum = 0;
		size_t j = 0;

		while (gone[j] || at >= sum + (uint64_t)weight[j]) {
			sum += gone[j] ? 0 : (uint64_t)weight[j];
			j++;
		}
		gone[j] = true;
		total -= (uint64_t)weight[j];
		id[i] = (double)(j + 1);
	}
}

static bool draw_fits(struct ss_calc_run *r, struct stream *s, size_t n)
{
	const struct ss_calc_value *w = ss_calc_get(r, "weights");

	if (!seed_of(ss_calc_get(r, "seed")->text, s->seed))
		ss_calc_fail(r, "format", "seed", "seed 须为 64 位小写十六进制");
	else if (ss_calc_num(r, "k") > ss_calc_num(r, "n"))
		ss_calc_fail(r, "range", "k", "k 不得大于 n：不放回");
	else if (w->given && w->n != n)
		ss_calc_fail(r, "range", "weights", "weights 的个数须等于 n");
	for (size_t i = 0; !r->code && w->given && i < w->n; i++) {
		if (w->list[i] != floor(w->list[i]))
			ss_calc_fail(r, "type", "weights", "weights 须为整数");
	}
	return !r->code;
}

static void draw(struct ss_calc_run *r)
{
	const struct ss_calc_value *w = ss_calc_get(r, "weights");
	size_t n = (size_t)ss_calc_num(r, "n"), k = (size_t)ss_calc_num(r, "k");
	struct stream s = {.position = (uint64_t)ss_calc_num(r, "position")};
	double *id = ss_arena_alloc(r->a, (n + 1) * sizeof(*id));
	bool *gone = ss_arena_alloc(r->a, (n + 1) * sizeof(*gone));

	if (!id || !gone || !draw_fits(r, &s, n))
		return;
	for (size_t i = 0; i < n; i++) {
		id[i] = (double)(i + 1);
		gone[i] = false;
	}
	if (w->given)
		by_weight(&s, w->list, gone, id, n, k);
	else
		shuffle(&s, id, n, k);
	if (s.z < 0) {
		ss_calc_fail(r, "unsupported", NULL, "这台机器算不出 SM3");
		return;
	}
	ss_json_key(r->j, "picks");
	ss_json_arr(r->j);
	for (size_t i = 0; i < k; i++)
		ss_json_i64(r->j, (int64_t)id[i]);
	ss_json_end_arr(r->j);
	ss_json_ki64(r->j, "position", (int64_t)s.position);
}

const struct ss_calc ss_calc_random[] = {
    {.name = "random.digest",
     .zh = "文本的 SM3 摘要",
     .en = "SM3 digest of a text",
     .basis = "GB/T 32905-2016",
     .formula = "SM3(文本)",
     .in = digest_in,
     .out = digest_out,
     .fn = digest},
    {.name = "random.draw",
     .zh = "可复算的抽取：由种子不放回地抽 k 个",
     .en = "a draw by lot that anyone can repeat: k of n out of a seed",
     .basis = "GB/T 32905-2016（SM3）；抽取的写法由本平台公布",
     .formula = "第 i 块 = SM3(种子 ‖ i 的 8 字节大端)，每块 4 个 64 位大端字；[0,n) "
		"内的数：字大于或等于 n 的最大倍数（不超过 2^64）时跳过，否则取模 n",
     .note =
	 "等权：部分 Fisher-Yates（第 i 个与其后任一个，含自身，交换）。有权重：取 [0,权重之和) "
	 "内的数，落在谁的累计区间就抽谁，抽出后移去，其余次序不变。全用整数。",
     .in = draw_in,
     .out = draw_out,
     .fn = draw},
    {0}};

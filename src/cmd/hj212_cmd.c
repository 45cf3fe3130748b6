/* shanshui hj212 decode [--jsonl] [--lines] [--accept-wrong-len] [--accept-modbus-crc]
 *                       [--sm4-key HEX32] FILE|-
 * shanshui hj212 crc SEGMENT
 * shanshui hj212 encode SEGMENT|-
 * Raw bytes in, one frame a time out, in bounded memory whatever the size. Input is read with
 * stdio: it may be a pipe, which the file layer's reads at a place cannot take. */
#include <errno.h>
#include <math.h>

#include "base/base.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "sense/hj212/hj212.h"

#define READ_SIZE 65536

struct decode {
	bool jsonl, lines;
	struct ss_hj212_policy policy;
	uint8_t key[16];
	const char *path;
	struct ss_buf in;
	struct ss_buf out;
	uint64_t offset; /* of in.p[0] in the input */
	uint64_t line;   /* of in.p[0], from 1; only with --lines */
	uint64_t noise;  /* since the last frame */
	uint64_t frames, accepted;
};

static int usage(void)
{
	fprintf(stderr, "用法 usage:\n"
			"  shanshui hj212 decode [--jsonl] [--lines] [--accept-wrong-len] "
			"[--accept-modbus-crc] [--sm4-key HEX32] 文件 FILE|-\n"
			"  shanshui hj212 crc 数据段 SEGMENT\n"
			"  shanshui hj212 encode 数据段 SEGMENT|-（- 逐行读 - reads lines）\n"
			"  --jsonl   每帧一个 JSON 对象 one JSON object a frame\n"
			"  --lines   每行单独解码 every line is a stream of its own\n");
	return 2;
}

static int flush_out(struct decode *d)
{
	bool whole = d->out.err == 0 && fwrite(d->out.p, 1, d->out.n, stdout) == d->out.n;

	if (!whole)
		fprintf(stderr, "输出写不下去 cannot write the output\n");
	ss_buf_reset(&d->out);
	return whole ? 0 : SS_EIO;
}

/* The frame's object with the place of the frame in front. */
static void put_json(struct decode *d, const struct ss_hj212_frame *f, uint64_t offset)
{
	ss_cleanup(ss_buf_done) struct ss_buf one = SS_BUF_MAX(16 << 20);
	struct ss_json j = ss_json_on(&one);

	ss_hj212_json(&j, f, &d->policy);
	if (one.err < 0 || one.n == 0) {
		d->out.err = SS_ETOOBIG;
		return;
	}
	ss_buf_addf(&d->out, "{\"offset\":%llu,\"noise\":%llu,", (unsigned long long)offset,
		    (unsigned long long)d->noise);
	if (d->lines)
		ss_buf_addf(&d->out, "\"line\":%llu,", (unsigned long long)d->line);
	ss_buf_add(&d->out, one.p + 1, one.n - 1);
	ss_buf_addc(&d->out, '\n');
}

/* ---- the form for people ---- */

static const char *verdict_zh(enum ss_hj212_verdict v)
{
	static const char *const zh[SS_HJ212_VERDICT_COUNT_] = {"接受", "拒收：CRC", "拒收：长度",
								"拒收：语法"};

	return zh[v];
}

/* Bytes from outside never reach the terminal raw: no escape sequences. */
static void put_clean(struct ss_buf *out, struct ss_arena *a, struct ss_str bytes)
{
	const char *encoding;
	struct ss_str s = bytes;

	if (ss_hj212_text(a, bytes, &s, &encoding) < 0)
		s.n = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		ss_buf_addc(out, c < 0x20 || c == 0x7F ? '.' : (char)c);
	}
}

struct rows {
	struct ss_buf *out;
	struct ss_arena *arena;
	struct ss_str st;
};

static void put_row(void *arg, const struct ss_hj212_data *data, const struct ss_hj212_value *v)
{
	struct rows *r = arg;
	const struct ss_hj212_factor_info *info =
	    ss_hj212_factor_info(ss_hj212_factor(r->st, v->code));

	(void)data;
	ss_buf_addz(r->out, "    ");
	put_clean(r->out, r->arena, v->code);
	ss_buf_addf(r->out, "  %s  ", info ? info->zh : "（表外因子）");
	put_clean(r->out, r->arena, v->cls);
	ss_buf_addz(r->out, "  ");
	if (isnan(v->value))
		ss_buf_addz(r->out, "缺值");
	else
		ss_buf_add_double(r->out, v->value);
	ss_buf_addf(r->out, " %s  标记 %c\n", info ? info->unit : "",
		    v->mark >= 0x20 && v->mark < 0x7F ? v->mark : '?');
}

static void put_faults(struct ss_buf *out, uint32_t faults)
{
	for (uint32_t bit = 1; bit; bit <<= 1) {
		if (faults & bit)
			ss_buf_addf(out, "    问题 %s：%s（%s）\n", ss_hj212_fault_key(bit),
				    ss_hj212_fault_zh(bit), ss_hj212_fault_rule(bit));
	}
}

static void put_header(struct ss_buf *out, struct ss_arena *a, const struct ss_hj212_head *h)
{
	const struct {
		const char *name;
		struct ss_str value;
	} fields[] = {{"QN", h->qn}, {"ST", h->st}, {"CN", h->cn}, {"MN", h->mn}};

	ss_buf_addz(out, "   ");
	for (size_t i = 0; i < SS_ARRAY_LEN(fields); i++) {
		ss_buf_addf(out, " %s=", fields[i].name);
		put_clean(out, a, fields[i].value);
	}
	if (h->flag >= 0)
		ss_buf_addf(out, " Flag=%d", h->flag);
	if (h->pnum)
		ss_buf_addf(out, " 分包 %d/%d", h->pno, h->pnum);
	ss_buf_addc(out, '\n');
}

static void put_table(struct decode *d, const struct ss_hj212_frame *f, uint64_t offset)
{
	struct ss_arena a;
	struct ss_str plain = f->segment;
	enum ss_hj212_verdict verdict = f->verdict;
	struct ss_hj212_head h;
	struct ss_hj212_data data;
	char time[SS_TIME_ISO] = "无";

	ss_arena_init(&a, 1 << 20);
	if (ss_hj212_plain(&a, f, &d->policy, &plain) < 0)
		plain = f->segment;
	if (ss_hj212_head(plain, &h) < 0 && verdict == SS_HJ212_ACCEPT)
		verdict = SS_HJ212_REJECT_GRAMMAR;
	ss_buf_addf(&d->out, "第 %llu 帧  偏移 %llu  %s  %s 版  长度 %d/%d  CRC %s",
		    (unsigned long long)d->frames, (unsigned long long)offset, verdict_zh(verdict),
		    ss_hj212_edition_name(ss_hj212_edition(&h)), f->declared_len, f->actual_len,
		    f->crc_field);
	if (!f->crc_ok)
		ss_buf_addf(&d->out, "（应为 %04X）", f->crc_calc);
	if (d->noise)
		ss_buf_addf(&d->out, "  之前杂字节 %llu", (unsigned long long)d->noise);
	ss_buf_addc(&d->out, '\n');
	put_header(&d->out, &a, &h);
	ss_hj212_observe(&h, &data, put_row,
			 &(struct rows){.out = &d->out, .arena = &a, .st = h.st});
	if (data.time_us != SS_TIME_NONE) {
		ss_time_fmt_iso(time, data.time_us);
		ss_buf_addf(&d->out, "    数据时间 %s\n", time);
	}
	put_faults(&d->out, f->faults | h.faults | data.faults);
	ss_arena_done(&a);
}

/* ---- reading ---- */

/* Takes all frames out of in.p[0..n) and drops what is used. */
static int drain(struct decode *d, size_t n, bool at_end)
{
	size_t at = 0, used;
	struct ss_hj212_frame f;
	int r;

	for (;;) {
		r = ss_hj212_cut(d->in.p + at, n - at, at_end, &d->policy, &f, &used);
		d->noise += f.noise;
		if (r == 0)
			break;
		d->frames++;
		d->accepted += f.verdict == SS_HJ212_ACCEPT;
		if (d->jsonl)
			put_json(d, &f, d->offset + (uint64_t)(f.raw.p - d->in.p));
		else
			put_table(d, &f, d->offset + (uint64_t)(f.raw.p - d->in.p));
		if (flush_out(d) < 0)
			return SS_EIO;
		d->noise = 0;
		at += used;
	}
	at += used;
	d->offset += at;
	ss_buf_cut(&d->in, at);
	return 0;
}

/* Every whole line is its own stream; a line longer than the buffer is cut like one. */
static int drain_lines(struct decode *d, bool at_end)
{
	while (d->in.n) {
		const char *nl = memchr(d->in.p, '\n', d->in.n);
		size_t before = d->in.n, n = nl ? (size_t)(nl - d->in.p) + 1 : before;

		if (!nl && !at_end && before < READ_SIZE * 2)
			return 0;
		if (drain(d, n, true) < 0)
			return SS_EIO;
		d->noise = 0;
		d->line += nl != NULL;
	}
	return 0;
}

static int decode_stream(struct decode *d, FILE *f)
{
	size_t got;
	int r = 0;

	do {
		if (ss_buf_reserve(&d->in, READ_SIZE) < 0)
			return SS_ENOMEM;
		got = fread(d->in.p + d->in.n, 1, READ_SIZE, f);
		d->in.n += got;
		r = d->lines ? drain_lines(d, got == 0) : drain(d, d->in.n, got == 0);
	} while (got > 0 && r == 0);
	if (r == 0 && ferror(f)) {
		fprintf(stderr, "读不了 %s：%s cannot read\n", d->path, strerror(errno));
		return SS_EIO;
	}
	return r;
}

static int decode(struct decode *d)
{
	FILE *f = strcmp(d->path, "-") == 0 ? stdin : fopen(d->path, "rbe");
	int r;

	if (!f) {
		fprintf(stderr, "打不开 %s：%s cannot open: check the path\n", d->path,
			strerror(errno));
		return 1;
	}
	ss_buf_init(&d->in, READ_SIZE * 4);
	ss_buf_init(&d->out, 64 << 20);
	d->line = 1;
	r = decode_stream(d, f);
	if (!d->jsonl && r == 0)
		printf("共 %llu 帧，接受 %llu，拒收 %llu；末尾杂字节 %llu\n",
		       (unsigned long long)d->frames, (unsigned long long)d->accepted,
		       (unsigned long long)(d->frames - d->accepted), (unsigned long long)d->noise);
	if (f != stdin)
		fclose(f);
	ss_buf_done(&d->in);
	ss_buf_done(&d->out);
	return r == 0 && fflush(stdout) == 0 ? 0 : 1;
}

static int take_key(struct decode *d, const char *hex)
{
	size_t n;

	if (!hex || ss_hex_decode(ss_str_of(hex), d->key, 16, &n) < 0 || n != 16) {
		fprintf(stderr, "--sm4-key 要 32 个十六进制数字 needs 32 hex digits\n");
		return -1;
	}
	d->policy.sm4_key = d->key;
	return 0;
}

static int cmd_decode(int argc, char **argv)
{
	struct decode d = {0};

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--jsonl") == 0)
			d.jsonl = true;
		else if (strcmp(argv[i], "--lines") == 0)
			d.lines = true;
		else if (strcmp(argv[i], "--accept-wrong-len") == 0)
			d.policy.accept_wrong_len = true;
		else if (strcmp(argv[i], "--accept-modbus-crc") == 0)
			d.policy.accept_modbus_crc = true;
		else if (strcmp(argv[i], "--sm4-key") == 0) {
			if (take_key(&d, i + 1 < argc ? argv[++i] : NULL) < 0)
				return 2;
		} else if (d.path || (argv[i][0] == '-' && argv[i][1])) {
			return usage();
		} else {
			d.path = argv[i];
		}
	}
	return d.path ? decode(&d) : usage();
}

static int encode(struct ss_str segment)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(SS_HJ212_SEGMENT_MAX + 16);

	if (ss_hj212_frame_put(&b, segment) < 0) {
		fprintf(stderr, "数据段超过 %d 字节 segment above %d bytes\n", SS_HJ212_SEGMENT_MAX,
			SS_HJ212_SEGMENT_MAX);
		return 1;
	}
	return fwrite(b.p, 1, b.n, stdout) == b.n ? 0 : 1;
}

static int encode_lines(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int r = 0;

	while (r == 0 && (n = getline(&line, &cap, stdin)) > 0)
		r = encode(ss_str_trim(ss_str_n(line, (size_t)n)));
	free(line);
	return r != 0 || ferror(stdin);
}

static int cmd_encode(const char *segment)
{
	int r = strcmp(segment, "-") == 0 ? encode_lines() : encode(ss_str_of(segment));

	return fflush(stdout) == 0 ? r : 1;
}

int ss_cmd_hj212(int argc, char **argv)
{
	if (argc >= 2 && strcmp(argv[1], "decode") == 0)
		return cmd_decode(argc - 1, argv + 1);
	if (argc == 3 && strcmp(argv[1], "encode") == 0)
		return cmd_encode(argv[2]);
	if (argc == 3 && strcmp(argv[1], "crc") == 0) {
		printf("%04X\n", (unsigned)ss_hj212_crc(argv[2], strlen(argv[2])));
		return fflush(stdout) == 0 ? 0 : 1;
	}
	return usage();
}

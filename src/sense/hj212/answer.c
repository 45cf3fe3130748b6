/* Frames going out. Each edition is answered in its own form (2017 6.4, annex C; 2005 annex C). */
#include "sense/hj212/hj212_internal.h"

int ss_hj212_frame_put(struct ss_buf *out, struct ss_str segment)
{
	if (segment.n > SS_HJ212_SEGMENT_MAX)
		return SS_ETOOBIG;
	ss_buf_addf(out, "##%04zu", segment.n);
	ss_buf_adds(out, segment);
	return ss_buf_addf(out, "%04X\r\n", (unsigned)ss_hj212_crc(segment.p, segment.n));
}

static void put(struct ss_buf *b, const char *name, struct ss_str value)
{
	if (value.n == 0)
		return;
	ss_buf_addz(b, name);
	ss_buf_adds(b, value);
	ss_buf_addc(b, ';');
}

/* 2005: QN stands in the data area; 9014 goes without PW, MN and Flag and names what it answers. */
static void put_2005(struct ss_buf *b, const struct ss_hj212_head *to, int cn, struct ss_str cp)
{
	bool data = cn == 9014;

	ss_buf_addf(b, "ST=91;CN=%d;", cn);
	if (!data) {
		put(b, "PW=", to->pw);
		put(b, "MN=", to->mn);
		ss_buf_addz(b, "Flag=0;");
	}
	ss_buf_addz(b, "CP=&&");
	put(b, "QN=", to->qn);
	if (data) {
		put(b, "CN=", to->cn);
		if (to->pnum)
			ss_buf_addf(b, "PNO=%d;PNUM=%d;", to->pno, to->pnum);
	}
	if (cp.n)
		ss_buf_adds(b, cp);
	else if (!b->err && b->p[b->n - 1] == ';')
		b->p[--b->n] = 0;
	ss_buf_addz(b, "&&");
}

static void put_2017(struct ss_buf *b, const struct ss_hj212_head *to, int cn, int flag,
		     struct ss_str cp)
{
	put(b, "QN=", to->qn);
	ss_buf_addf(b, "ST=91;CN=%d;", cn);
	put(b, "PW=", to->pw);
	put(b, "MN=", to->mn);
	ss_buf_addf(b, "Flag=%d;CP=&&", flag);
	ss_buf_adds(b, cp);
	ss_buf_addz(b, "&&");
}

int ss_hj212_answer_put(struct ss_buf *out, const struct ss_hj212_head *to, int cn,
			struct ss_str cp)
{
	enum ss_hj212_edition e = ss_hj212_edition(to);
	size_t at = out->n, len;
	char digits[8];

	if (to->qn.n + to->pw.n + to->mn.n + to->cn.n + cp.n + 100 > SS_HJ212_SEGMENT_STANDARD)
		return SS_ETOOBIG;
	ss_buf_addz(out, "##0000");
	if (e == SS_HJ212_2005)
		put_2005(out, to, cn, cp);
	else
		put_2017(out, to, cn, e == SS_HJ212_2017 ? 4 : 8, cp);
	if (out->err < 0)
		return out->err;
	len = out->n - at - 6;
	snprintf(digits, sizeof(digits), "%04u", (unsigned)len % 10000);
	memcpy(out->p + at + 2, digits, 4);
	return ss_buf_addf(out, "%04X\r\n", (unsigned)ss_hj212_crc(out->p + at + 6, len));
}

bool ss_hj212_is_answer(int cn)
{
	return cn >= 9011 && cn <= 9014;
}

int ss_hj212_answer_for(const struct ss_hj212_head *h)
{
	if (!ss_hj212_wants_answer(h) || ss_hj212_is_answer(h->cn_num))
		return 0;
	switch (h->cn_num) {
	case 1013: /* asks for calibration of the clock */
	case 2072: /* 2005 alarm event, a notice */
	case 9015: /* heartbeat of 2025 and of the surface-water profile */
		return 9013;
	default:
		return 9014;
	}
}

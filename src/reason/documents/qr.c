/* The two-dimensional code by which a document on paper is looked up. */
#include "reason/documents/documents_internal.h"

#include <qrencode.h>

#define QUIET 4 /* modules around it, by ISO/IEC 18004 */

int ssd_qr(struct ss_str text, struct ssd_qr *ret)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1024);
	QRcode *q;
	int r = ssd_unescape(ss_str_trim(text), &b);

	if (r < 0 || b.n == 0)
		return r < 0 ? r : SS_EINVAL;
	q = QRcode_encodeString(b.p, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
	if (!q)
		return SS_ETOOBIG;
	*ret = (struct ssd_qr){.width = q->width, .code = q};
	return 0;
}

bool ssd_qr_dark(const struct ssd_qr *q, int x, int y)
{
	const QRcode *code = q->code;

	return code->data[y * code->width + x] & 1;
}

void ssd_qr_done(struct ssd_qr *q)
{
	QRcode_free(q->code);
	q->code = NULL;
}

int ssd_qr_svg(struct ss_str text, struct ss_buf *out)
{
	struct ssd_qr q;
	int r = ssd_qr(text, &q), size;

	if (r < 0)
		return r;
	size = q.width + 2 * QUIET;
	ss_buf_addf(
	    out,
	    "<svg role=\"img\" aria-label=\"QR\" width=\"96\" height=\"96\" viewBox=\"0 0 %d %d\" "
	    "shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"",
	    size, size, size, size);
	for (int y = 0; y < q.width; y++) {
		for (int x = 0; x < q.width; x++) {
			if (ssd_qr_dark(&q, x, y))
				ss_buf_addf(out, "M%d %dh1v1h-1z", x + QUIET, y + QUIET);
		}
	}
	ssd_qr_done(&q);
	return ss_buf_addz(out, "\"/></svg>");
}

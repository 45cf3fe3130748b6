/* A filled template as a page. */
#include "reason/documents/documents_internal.h"

static const char style[] =
    "body{max-width:42em;margin:2em auto;padding:0 1em;font:16px/1.75 'Noto Serif CJK SC',serif;"
    "color:#000;background:#fff}h1{text-align:center;font-size:1.6em}h2{text-align:center;"
    "font-size:1.2em}p{text-indent:2em;margin:.3em 0}.center{text-align:center;text-indent:0}"
    ".right,.sign{text-align:right;text-indent:0}.noindent{text-indent:0}.small{font-size:.85em}"
    ".box{border:1px solid #000;padding:.5em}table{border-collapse:collapse;width:100%}"
    "td,th{border:1px solid #000;padding:.3em .5em}td p,th p{text-indent:0}"
    "@media print{body{margin:0;max-width:none}}";

/* <qr>text</qr> becomes a picture; everything else is HTML already. */
int ss_document_page(struct ss_str body, const char *title, struct ss_buf *out)
{
	struct ss_str rest = body;
	struct ssd_piece p;
	bool qr = false;
	int r;

	ss_buf_addz(out,
		    "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>");
	ssd_escape(ss_str_of(title), false, out);
	ss_buf_addf(out, "</title><style>%s</style></head><body>\n", style);
	while (rest.n) {
		const char *at = rest.p;

		r = ssd_next(&rest, &p, NULL);
		if (r < 1)
			return r;
		if (p.tag == SSD_qr)
			qr = !p.end;
		else if (qr)
			r = ssd_qr_svg(p.text, out);
		else
			ss_buf_add(out, at, (size_t)(rest.p - at));
		if (r < 0)
			return r;
	}
	return ss_buf_addz(out, "\n</body></html>\n");
}

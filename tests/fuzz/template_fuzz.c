/* Any template: what the check takes is filled without a failure but of values, what comes out is
 * whole markup, and no value gets out unescaped. Small ones are also set as PDF. */
#include "base/base.h"
#include "reason/documents/documents_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static json_t *values;
	struct ss_str text = ss_str_n((const char *)data, size);
	struct ss_buf out = SS_BUF_MAX(1 << 20), pdf = SS_BUF_MAX(16 << 20);
	struct ss_error err = {0};
	int r;

	if (!values)
		values = json_pack("{s:s,s:i,s:[{s:s},{s:b}],s:n}", "a", "<script>\n&", "n", 12,
				   "l", "x", "甲", "y", 1, "z");
	if (ss_template_check(text, &err) < 0) {
		ss_assert(err.text[0]);
		return 0;
	}
	r = ss_template_fill(text, values, &out, NULL, &err);
	ss_assert(r == 0 || r == SS_EINVAL || r == SS_EPARSE || r == SS_ETOOBIG);
	ss_assert(ss_str_find(ss_buf_str(&out), SS_STR("<script")) < 0);
	if (r == 0) {
		ss_assert(ssd_tags_check(ss_buf_str(&out), &err) == 0);
		if (size < 400)
			ss_document_pdf(ss_buf_str(&out), "t", &pdf, &err);
	}
	ss_buf_done(&out);
	ss_buf_done(&pdf);
	return 0;
}

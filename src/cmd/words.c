#include "cmd/words.h"

#include <stdio.h>

#include "base/base.h"

int ss_words_failed(int code, const struct ss_error *e)
{
	fprintf(stderr, "%s\n", e->text[0] ? e->text : ss_err_zh(code));
	return 1;
}

int ss_words_run(const struct ss_words *w, int argc, char **argv, int from)
{
	struct ss_config *c = ss_config_new();
	struct ss_error e = {0};
	int rest = from, status, r = c ? ss_config_add(c, w->rows, w->settings) : SS_ENOMEM;

	if (r >= 0)
		r = ss_config_args(c, argc, argv, from, &rest, &e);
	if (r >= 0 && w->alone) {
		status = rest == from ? w->alone(w->settings) : w->usage();
	} else if (r >= 0) {
		status = w->run(w->settings, rest - from, argv + from);
	} else {
		ss_words_failed(r, &e);
		status = w->usage();
	}
	ss_config_free(c);
	return status;
}

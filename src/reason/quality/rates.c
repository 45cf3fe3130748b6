#include <math.h>

#include "reason/quality/quality.h"

struct ss_rates ss_rates(const struct ss_transmission *t)
{
	struct ss_rates r = {t->due - t->stopped, NAN, NAN, NAN};

	if (r.expected > 0)
		r.transmission = 100.0 * (double)t->received / (double)r.expected;
	if (t->received > 0)
		r.validity = 100.0 * (double)t->valid / (double)t->received;
	r.effective = r.transmission * r.validity / 100;
	if (r.expected > 0 && t->received == 0)
		r.effective = 0;
	return r;
}

/* D12: the line or the power is cut when it gets bad. Gaps begin when values stand high for this
 * outlet; where the signal is poor they begin at any level. */
#include <math.h>

#include "reason/detect/detect_internal.h"

void ss_detect_run_D12(const struct ss_watch *w, struct ss_detect_hit *h)
{
	struct spell s[64];
	int n = w_spells(w, true, 14, s, SS_ARRAY_LEN(s));
	double all, more = w_spell_excess(w, true, 14, &all);
	double z = w_spell_z(w, s, n) + w->p->spell_excess * more;

	h->channel = SS_CH_POLLUTANT;
	if (!w->m[SS_CH_POLLUTANT].ok) {
		h->why = SS_WHY_NO_MODEL;
		return;
	}
	h->num[0] = all;
	h->num[1] = z;
	h->from_us = w_time(w, w->end - 14 * 24);
	h->s = n > 0 && all >= w->p->d12_spells ? w_logistic(z, w->p->d12_z, w->p->d12_z_width) : 0;
}

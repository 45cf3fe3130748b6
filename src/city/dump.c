/* The city's frames in order of leaving, without a network. */
#include "city/agenda_internal.h"
#include "city/city_internal.h"

int ss_city_dump(const struct ss_city *c, int64_t start_us, int64_t span_us, struct ss_buf *out,
		 int (*full)(void *, struct ss_buf *), void *arg)
{
	struct ss_agenda *g;
	int r = ss_agenda_new(c, start_us, &g);

	while (r == 0) {
		struct ss_city_event e;
		int device = ss_agenda_take(g, &e);

		if (e.send_us >= start_us + span_us)
			break;
		r = ss_city_frame(c, device, &e, out);
		if (r == 0 && out->n > (1u << 20))
			r = full(arg, out);
	}
	ss_agenda_free(g);
	if (r == 0 && out->n)
		r = full(arg, out);
	return r;
}

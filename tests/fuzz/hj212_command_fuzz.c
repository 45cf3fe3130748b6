/* A request of the centre against everything that reads one: the check of its data area in every
 * edition, and a device of the city, by bytes as they come from a network. First byte: which
 * command. */
#include <stdint.h>

#include "base/base.h"
#include "city/answer_internal.h"
#include "sense/hj212/hj212.h"

static void check_area(uint8_t which, struct ss_str cp)
{
	size_t n;
	const struct ss_hj212_command *c = &ss_hj212_commands(&n)[which % 64];

	if (which % 64 >= n)
		return;
	for (int e = SS_HJ212_2005; e <= SS_HJ212_WATER; e++) {
		struct ss_error err = {0};
		int r = ss_hj212_command_check(c, (enum ss_hj212_edition)e, cp, &err);

		ss_assert(r == 0 || r == SS_EINVAL || r == SS_ETOOBIG);
		/* What passes can be sent: it ends neither an area nor a frame. */
		ss_assert(r < 0 ||
			  (ss_str_find(cp, SS_STR("&&")) < 0 && ss_str_find(cp, SS_STR("##")) < 0));
	}
	ss_hj212_command_secret(cp);
}

static void ask_device(struct ss_str raw)
{
	static struct ss_arena arena;
	static struct ss_city city;
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(4 << 20);

	if (!city.device_count) {
		ss_arena_init(&arena, 1 << 24);
		ss_assert(ss_city_make(&arena, 20261123, 12, 60, &city) == 0);
	}
	for (int i = 0; i < city.device_count; i++) {
		struct ss_answerer a;

		ss_answerer_init(&a, &city, i);
		ss_city_answer(&city, i, &a, raw, INT64_C(1772424300000000), &out);
		ss_answerer_done(&a);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	if (n < 1 || n > 4096)
		return 0;
	check_area(p[0], ss_str_n((const char *)p + 1, n - 1));
	ask_device(ss_str_n((const char *)p + 1, n - 1));
	return 0;
}

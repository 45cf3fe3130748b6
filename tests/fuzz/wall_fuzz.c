/* What a wall's controller may say: any bytes, in any pieces. A reply is found at the same place
 * however the bytes came, its words lie inside it, and it always makes an answer. The same bytes as
 * a command: what is sent is one command, whatever the text in it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "serve/wall/wall.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_reply(struct ss_str s)
{
	struct ss_wall_reply reply;
	json_t *command, *a;

	if (ss_wall_angle.read(s, &reply) < 0)
		return;
	if (reply.n == 0 || reply.n > SS_ARRAY_LEN(reply.word))
		abort();
	for (size_t i = 0; i < reply.n; i++)
		if (reply.word[i].n &&
		    (reply.word[i].p < s.p || reply.word[i].p + reply.word[i].n > s.p + s.n))
			abort();
	for (size_t i = 0; ss_wall_ops[i]; i++) {
		command = json_pack("{s:s}", "op", ss_wall_ops[i]);
		a = ss_wall_angle.answer(command, &reply);
		if (!a || !json_is_string(json_object_get(a, "result")))
			abort();
		json_decref(a);
		json_decref(command);
	}
}

static void check_command(struct ss_str s)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(2000);
	json_t *command = NULL;
	bool again;

	if (ss_json_parse(s, &command, NULL) == 0 &&
	    ss_wall_angle.encode(command, 0, &out, &again, NULL) == 0) {
		if (out.n < 3 || out.p[0] != '<' || out.p[out.n - 1] != '>' ||
		    memchr(out.p + 1, '<', out.n - 1) || memchr(out.p, '>', out.n - 1))
			abort();
	}
	json_decref(command);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_str all = ss_str_n((const char *)data, size);
	int64_t whole = ss_wall_angle.cut(all);

	if (whole > (int64_t)size)
		abort();
	for (size_t n = 0; whole > 0 && n < (size_t)whole && n <= SS_WALL_REPLY_MAX; n++)
		if (ss_wall_angle.cut(ss_str_n(all.p, n)) != 0)
			abort();
	if (whole > 0)
		check_reply(ss_str_n(all.p, (size_t)whole));
	check_reply(all);
	check_command(all);
	return 0;
}

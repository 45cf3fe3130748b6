/* The clock that screens go by, and commands to the controller of a video wall. A wall is a record
 * of the type "wall" (its controller's address is in it); every command is kept as a record of the
 * type "wall_command" with the bytes of both ways. */
#include "serve/wall/wall.h"

#include "serve/api/things.h"
#include "serve/api/walls.h"

#define WALL "wall"
#define LOG "wall_command"
#define TIMEOUT_MS 2000

/* Microseconds, no more than the bytes of a number: a page asks often, and halves the way. */
int ss_get_time(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	int64_t now = ss_time_now();
	struct ss_json j = ss_json_on(rs->out);

	(void)rq;
	(void)err;
	ss_json_obj(&j);
	ss_json_ki64(&j, "us", now);
	ss_json_ktime(&j, "time", now);
	ss_json_end_obj(&j);
	return rs->out->err;
}

static bool may_steer(const json_t *wall)
{
	json_t *v;
	size_t i;

	json_array_foreach(json_object_get(wall, "may"), i,
			   v) if (strcmp(json_string_value(v), "F") == 0) return true;
	return false;
}

static json_t *bytes_json(const struct ss_buf *b)
{
	struct ss_str s = ss_buf_str(b);
	/* What is no text is kept as hexadecimal, so that nothing is lost. */
	if (s.n <= SS_WALL_REPLY_MAX && ss_utf8_valid(s) && !memchr(s.p ? s.p : "", 0, s.n))
		return json_stringn(s.p ? s.p : "", s.n);
	ss_cleanup(ss_buf_done) struct ss_buf hex = SS_BUF_MAX(SS_WALL_REPLY_MAX);

	ss_buf_addf(&hex, "hex:");
	for (size_t i = 0; i < s.n && hex.n + 2 < SS_WALL_REPLY_MAX; i++)
		ss_buf_addf(&hex, "%02x", (unsigned char)s.p[i]);
	return json_stringn(hex.p, hex.n);
}

/* The line of the log as it is kept and answered. */
static json_t *line_of(const json_t *wall, const json_t *command, const struct ss_wall_sent *s,
		       const char *by)
{
	const char *op = ss_json_get_z(command, "op");
	ss_cleanup(ss_buf_done) struct ss_buf asked = SS_BUF_MAX(SS_WALL_REPLY_MAX);

	if (ss_json_canonical(&asked, command) < 0)
		return NULL;
	return json_pack("{s:s,s:O,s:s,s:s#,s:o,s:o,s:I,s:i,s:O,s:s}", "title", op, "wall",
			 json_object_get(wall, "id"), "op", op, "command", asked.p, (int)asked.n,
			 "sent", bytes_json(&s->out), "received", bytes_json(&s->in), "took_ms",
			 (json_int_t)(s->took_us / 1000), "tries", s->tries, "result",
			 json_object_get(s->answer, "result"), "sent_by", by);
}

static int keep(struct ss_request *rq, const struct ss_thing_ask *x, const json_t *wall,
		const json_t *command, struct ss_wall_sent *s, struct ss_error *err)
{
	const struct ss_viewer machine = ss_viewer_system("display/screens");
	const struct ss_thing_change c = SS_THING_CHANGE;
	json_t *line = line_of(wall, command, s, x->viewer.login ? x->viewer.login : "");
	char id[37];
	int r = line ? ss_things_create(x->things, &machine, LOG, line, &c, id, x->problems, err)
		     : SS_ENOMEM;

	if (r == 0) {
		ss_json_kz(ss_request_detail(rq), "log", id);
		json_object_set_new(s->answer, "log", json_string(id));
		json_object_del(line, "wall");
		json_object_update_missing(s->answer, line);
	}
	json_decref(line);
	return r;
}

static int send_it(struct ss_request *rq, const struct ss_thing_ask *x, const json_t *wall,
		   struct ss_response *rs, struct ss_error *err)
{
	const json_t *fields = json_object_get(wall, "fields"), *command = ss_request_json(rq);
	const struct ss_wall_to to = {.address = ss_json_get_z(fields, "controller"),
				      .wall = ss_json_get_i64(fields, "number", 0),
				      .timeout_us =
					  ss_json_get_i64(fields, "timeout_ms", TIMEOUT_MS) * 1000,
				      .dialect = ss_wall_dialect(ss_json_get_z(fields, "dialect"))};
	struct ss_wall_sent sent;
	int r;

	if (!to.dialect || !to.address[0])
		return ss_error_set(
		    err, SS_ESTATE,
		    "这面墙没有登记控制器；no controller is registered for this wall");
	r = ss_walls_send(ss_api_of(rq)->walls, &to, command, &sent, err);
	if (r == 0)
		r = keep(rq, x, wall, command, &sent, err);
	if (r == 0)
		r = ss_json_canonical(rs->out, sent.answer);
	ss_wall_sent_done(&sent);
	return r;
}

int ss_post_wall_command(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_thing_ask x;
	json_t *wall = NULL;
	int r = ss_thing_ask(rq, &x, err);

	x.type = WALL;
	ss_request_target(rq, "thing/%s/%s", WALL, x.id);
	if (r == 0)
		r = ss_api_need(ss_api_of(rq)->walls, "walls", err);
	if (r == 0)
		r = ss_things_get(x.things, &x.viewer, WALL, x.id, NULL, &wall, err);
	if (r == 0 && !may_steer(wall))
		r = ss_error_set(err, SS_EDENIED,
				 "没有操作这面墙的权限；this wall is not yours to steer");
	if (r == 0)
		r = send_it(rq, &x, wall, rs, err);
	json_decref(wall);
	return ss_thing_ask_done(rq, &x, r);
}

#define COMMAND                                                                                    \
	"{\"type\":\"object\",\"required\":[\"op\"],\"additionalProperties\":false,"               \
	"\"properties\":{"                                                                         \
	"\"op\":{\"type\":\"string\"},\"window\":{\"type\":\"integer\"},\"input\":{\"type\":"      \
	"\"integer\"},\"crop\":{\"type\":\"array\"},\"rect\":{\"type\":\"array\"},\"layout\":{"    \
	"\"type\":\"integer\"},\"order\":{\"type\":\"string\"},\"panel\":{\"type\":\"integer\"},"  \
	"\"on\":{\"type\":\"boolean\"},\"text\":{\"type\":\"string\"}}}"

static const struct ss_param p_id[] = {{"id", "string", true, true, "编号", "id"}, {0}};

const struct ss_route ss_wall_routes[] = {
    {SS_GET, "/api/v1/time", "time.read", "服务器的时钟（大屏据此对时）",
     "the server's clock, which screens go by", NULL, NULL, SS_REF("ServerTime"), ss_get_time,
     SS_ROUTE_SELF | SS_ROUTE_SAME_FOR_ALL},
    {SS_POST, "/api/v1/walls/{id}/commands", "wall.command",
     "向拼接控制器下发一条命令，收发的字节留存；控制器不接受也是 200，写在 result 里",
     "a command to the wall's controller, bytes of both ways kept; a refusal is an answer too",
     p_id, COMMAND, SS_REF("WallSent"), ss_post_wall_command, SS_ROUTE_SLOW | SS_ROUTE_DECLARED},
    {0},
};

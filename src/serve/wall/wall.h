/* Controllers of video walls (docs/protocols/wall.md). A dialect turns a command into bytes and
 * cuts and reads replies, pure; the link carries them: one connection a controller, one command at
 * a time, with a deadline, tried again only where a second time does no harm. Whatever went out and
 * came in is told to the caller, who keeps it. Thread: any. */
#pragma once

#include "base/base.h"
#include "base/json.h"

#define SS_WALL_REPLY_MAX 4096

/* What came back, as words: {"win_id_used"} or {"xlst","0","1","3",...}. Points into the bytes. */
struct ss_wall_reply {
	struct ss_str word[256];
	size_t n;
};

struct ss_wall_dialect {
	const char *name;
	/* {"op":"open","window":1,"input":3,"crop":[0,0,0,0],"rect":[0,0,1920,1080]}: its bytes
	 * into out; *ret_again: a second time does no harm. SS_EINVAL names the member. */
	int (*encode)(const json_t *command, int64_t wall, struct ss_buf *out, bool *ret_again,
		      struct ss_error *err);
	/* Length of the first whole reply, what stands before it counted; 0 = more is needed;
	 * SS_EPARSE: this can no longer become one. */
	int64_t (*cut)(struct ss_str bytes);
	int (*read)(struct ss_str reply, struct ss_wall_reply *ret);
	/* {"ok":bool,"result":"OK" ...} and what a query asked for. New reference, NULL: no memory.
	 */
	json_t *(*answer)(const json_t *command, const struct ss_wall_reply *reply);
};
extern const struct ss_wall_dialect ss_wall_angle; /* <open,0,1,3,...> over TCP */
/* NULL when there is none of that name. */
const struct ss_wall_dialect *ss_wall_dialect(const char *name);
/* Names of the commands that a dialect of this program knows, ended by NULL. */
extern const char *const ss_wall_ops[];

struct ss_walls;
int ss_walls_new(struct ss_walls **ret);
void ss_walls_free(struct ss_walls *w); /* nobody sends any more; NULL-safe */

struct ss_wall_to {
	const char *address; /* "10.1.2.3:5000"; no names are looked up */
	int64_t wall;        /* number of the wall at its controller */
	int64_t timeout_us;  /* of one try */
	const struct ss_wall_dialect *dialect;
};
struct ss_wall_sent {
	struct ss_buf out, in; /* bytes both ways, of all tries */
	int64_t took_us;
	int tries;
	json_t *answer; /* {"ok","result",...}; result "timeout", "unreachable", "garbled" too */
};
/* SS_EINVAL: no such command, nothing was sent. Otherwise 0, and *ret says how it went, also when
 * the controller refused or kept silent. */
int ss_walls_send(struct ss_walls *w, const struct ss_wall_to *to, const json_t *command,
		  struct ss_wall_sent *ret, struct ss_error *err);
void ss_wall_sent_done(struct ss_wall_sent *s);

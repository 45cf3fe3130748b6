/* What the resources of the access layer share. */
#pragma once

#include "serve/access/access.h"
#include "serve/api/api_internal.h"

/* The access layer as `a`, or the end of the handler: this node runs none. */
#define NEED_ACCESS(a)                                                                             \
	struct ss_access *a = ss_api_of(rq)->access;                                               \
	if (ss_api_need(a, "access", err) < 0)                                                     \
	return SS_EUNSUPPORTED

/* A text of the request's body; "" where there is none. */
static inline struct ss_str ssi_text(struct ss_request *rq, const char *name)
{
	return ss_json_get_str(ss_request_json(rq), name);
}

/* What is acted on, for the audit: "user/ID" by the address's {id}, or "login/NAME": oneself. */
static inline struct ss_str ssi_target(struct ss_request *rq, const char *what)
{
	struct ss_str id = ss_request_param(rq, "id");

	ss_request_target(rq, "%s/%.*s", what, SS_STR_ARG(id));
	return id;
}
static inline const struct ss_actor *ssi_target_self(struct ss_request *rq)
{
	ss_request_target(rq, "login/%s", rq->actor->name);
	return rq->actor;
}

/* Answers an act that has nothing to tell, r being what came of it. */
static inline int ssi_done(struct ss_response *rs, int r)
{
	return r < 0 ? r : ss_buf_addz(rs->out, "{\"done\":true}");
}
/* Likewise one that made something: 201 and its id, which the audit keeps. */
int ssi_made(struct ss_request *rq, struct ss_response *rs, int r, const char *what,
	     const char *id);

/* "before" of what is about to be changed or taken away, for the audit. */
void ssi_before(struct ss_request *rq,
		void (*put)(struct ss_access *, struct ss_str, struct ss_json *), struct ss_str id);
/* A list that somebody else writes: all of it, or what the asker may see. */
int ssi_list(struct ss_request *rq, struct ss_response *rs,
	     void (*put)(struct ss_access *, struct ss_json *), struct ss_error *err);
int ssi_list_for(struct ss_request *rq, struct ss_response *rs,
		 void (*put)(struct ss_access *, const struct ss_actor *, struct ss_json *),
		 struct ss_error *err);

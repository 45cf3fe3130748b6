/* The node's own authority and the certificates it gives. */
#include "serve/api/access_internal.h"

int ss_get_ca(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return ssi_list(rq, rs, ss_access_put_ca, err);
}

static const char *const named[] = {"name", NULL}; /* never the passphrase */

static int ca_act(struct ss_request *rq, struct ss_response *rs, const char *what,
		  int (*fn)(struct ss_access *, const json_t *, struct ss_error *),
		  struct ss_error *err)
{
	int r;
	NEED_ACCESS(a);

	ss_request_target(rq, "%s", what);
	ss_api_keep(rq, named);
	r = fn(a, ss_request_json(rq), err);
	return ssi_done(rs, r);
}

int ss_post_ca(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	rs->status = 201;
	return ca_act(rq, rs, "ca", ss_access_ca_make, err);
}

int ss_post_ca_renew(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return ca_act(rq, rs, "ca/renew", ss_access_ca_renew, err);
}

static int ca_file(struct ss_request *rq, struct ss_response *rs, bool crl, struct ss_error *err)
{
	NEED_ACCESS(a);

	rs->type = crl ? "application/x-pem-file" : "application/pem-certificate-chain";
	return ss_access_ca_file(a, ss_request_param(rq, "kind"), crl, rs->out, err);
}

int ss_get_ca_chain(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return ca_file(rq, rs, false, err);
}

int ss_get_ca_crl(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return ca_file(rq, rs, true, err);
}

int ss_get_certificates(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	int64_t days;
	int r = ss_request_i64(rq, "days", -1, 0, 4000, &days, err);
	NEED_ACCESS(a);

	if (r == 0)
		ss_access_put_certs(a, days, &j);
	return r;
}

static const char *const kept[] = {"user", "node", "dns", "days", "reason", NULL};

/* The number that it was given, for the audit: the answer has it. */
static int made(struct ss_request *rq, struct ss_response *rs, int r)
{
	json_t *v = NULL;

	rs->status = 201;
	if (r == 0 && ss_json_parse(ss_buf_str(rs->out), &v, NULL) == 0)
		ss_json_kz(ss_request_detail(rq), "serial", ss_json_get_z(v, "serial"));
	json_decref(v);
	return r;
}

int ss_post_certificate(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	int r;
	NEED_ACCESS(a);

	ss_request_target(rq, "certificate");
	ss_api_keep(rq, kept);
	r = ss_access_cert_issue(a, rq->actor, ss_request_json(rq), &j, err);
	return made(rq, rs, r);
}

int ss_post_certificate_renew(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str serial = ss_request_param(rq, "serial");
	struct ss_json j = ss_json_on(rs->out);
	int r;
	NEED_ACCESS(a);

	ss_request_target(rq, "certificate/%.*s", SS_STR_ARG(serial));
	ss_api_keep(rq, kept);
	r = ss_access_cert_renew(a, rq->actor, serial, ss_request_json(rq), &j, err);
	return made(rq, rs, r);
}

int ss_post_certificate_revoke(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str serial = ss_request_param(rq, "serial");
	int r;
	NEED_ACCESS(a);

	ss_request_target(rq, "certificate/%.*s", SS_STR_ARG(serial));
	ss_api_keep(rq, kept);
	r = ss_access_cert_revoke(a, serial, ssi_text(rq, "reason"), err);
	return ssi_done(rs, r);
}

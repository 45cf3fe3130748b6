/* JSON Web Signatures in the one form that is made here: ES256, compact (RFC 7515, 7518). Nothing
 * else is accepted: no other algorithm, no key from the header. */
#include "serve/access/access.h"
#include "serve/access/jose_internal.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void ssa_b64url(const void *p, size_t n, struct ss_buf *out)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)b[i] << 16 | (i + 1 < n ? (uint32_t)b[i + 1] << 8 : 0) |
			     (i + 2 < n ? b[i + 2] : 0);

		ss_buf_addc(out, letters[v >> 18]);
		ss_buf_addc(out, letters[v >> 12 & 63]);
		if (i + 1 < n)
			ss_buf_addc(out, letters[v >> 6 & 63]);
		if (i + 2 < n)
			ss_buf_addc(out, letters[v & 63]);
	}
}

/* One text for one content: bits that are left over must be 0. SS_EPARSE. */
int ssa_b64url_read(struct ss_str in, struct ss_buf *out)
{
	uint32_t v = 0;
	int have = 0;

	for (size_t i = 0; i < in.n; i++) {
		const char *at = in.p[i] ? strchr(letters, in.p[i]) : NULL;

		if (!at)
			return SS_EPARSE;
		v = (v << 6 | (uint32_t)(at - letters)) & 0xffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			ss_buf_addc(out, (char)(v >> have));
		}
	}
	if (have == 6 || (have && v & ((1u << have) - 1)))
		return SS_EPARSE;
	return out->err;
}

int ss_base64_read(struct ss_str in, struct ss_buf *out)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(8192);
	size_t n = in.n;

	if (in.n % 4)
		return SS_EPARSE;
	for (int i = 0; i < 2 && n && in.p[n - 1] == '='; i++)
		n--;
	for (size_t i = 0; i < n; i++) {
		if (in.p[i] == '-' || in.p[i] == '_')
			return SS_EPARSE;
		ss_buf_addc(&b, in.p[i] == '+' ? '-' : in.p[i] == '/' ? '_' : in.p[i]);
	}
	return b.err ? b.err : ssa_b64url_read(ss_buf_str(&b), out);
}

int ssa_jws_make(const struct ss_pkey *k, const char *kid, struct ss_str claims, struct ss_buf *out)
{
	char head[120];
	uint8_t sig[64];
	int r;

	snprintf(head, sizeof(head), "{\"alg\":\"ES256\",\"kid\":\"%s\",\"typ\":\"JWT\"}", kid);
	ssa_b64url(head, strlen(head), out);
	ss_buf_addc(out, '.');
	ssa_b64url(claims.p, claims.n, out);
	r = out->err ? out->err : ss_pkey_sign_raw(k, out->p, out->n, sig);
	if (r < 0)
		return r;
	ss_buf_addc(out, '.');
	ssa_b64url(sig, sizeof(sig), out);
	return out->err;
}

int ssa_jws_read(struct ss_str token, const struct ss_pkey *(*key)(void *, const char *kid),
		 void *arg, json_t **ret)
{
	ss_cleanup(ss_buf_done) struct ss_buf head = SS_BUF_MAX(1024), body = SS_BUF_MAX(16384),
					      sig = SS_BUF_MAX(100);
	struct ss_str rest = token, part[3] = {{0}};
	const struct ss_pkey *k = NULL;
	json_t *h = NULL;
	const char *alg, *kid;
	size_t n = 0;
	int r = token.n <= 16384 ? 0 : SS_EPARSE;

	while (r == 0 && n < 3 && ss_str_split(&rest, '.', &part[n]))
		n++;
	if (n != 3 || rest.n || ssa_b64url_read(part[0], &head) < 0 ||
	    ssa_b64url_read(part[1], &body) < 0 || ssa_b64url_read(part[2], &sig) < 0 ||
	    sig.n != 64)
		return SS_EPARSE;
	r = ss_json_parse(ss_buf_str(&head), &h, NULL);
	alg = r == 0 ? json_string_value(json_object_get(h, "alg")) : NULL;
	kid = r == 0 ? json_string_value(json_object_get(h, "kid")) : NULL;
	if (alg && kid && strcmp(alg, "ES256") == 0)
		k = key(arg, kid);
	r = k ? ss_pkey_verify_raw(k, token.p, (size_t)(part[1].p + part[1].n - token.p),
				   (const uint8_t *)sig.p)
	      : SS_EPARSE;
	json_decref(h);
	return r == 0 ? ss_json_parse(ss_buf_str(&body), ret, NULL) : r;
}

/* A package, written, read and checked: pure. */
#include "serve/exchange/exchange.h"

#include <stdlib.h>

#define MAGIC "SHANSHUI-EXCHANGE-1"
#define FORMAT "shanshui-exchange-1"
#define HEAD_MOST 64
#define MANIFEST_MOST ((size_t)64 << 10)
#define AHEAD_US (10 * 60 * SS_US_PER_SEC) /* a sender's clock may be so much before ours */

/* --- written ------------------------------------------------------------------------------------
 */

static int body_json(json_t *list, const struct ss_package_body *b)
{
	uint8_t d[SS_SM3_LEN];
	char hex[65] = {0};
	int r = ss_sm3(b->data.p, b->data.n, d);

	if (r < 0)
		return r;
	ss_hex_encode(hex, d, sizeof(d));
	return json_array_append_new(list, json_pack("{s:s%,s:I,s:I,s:s}", "name", b->name.p,
						     b->name.n, "count", (json_int_t)b->count,
						     "size", (json_int_t)b->data.n, "sm3", hex)) < 0
		   ? SS_EINVAL
		   : 0;
}

static int write_manifest(const struct ss_package *p, struct ss_buf *out)
{
	json_t *bodies = json_array(), *m;
	char time[SS_TIME_ISO];
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->n_bodies; i++)
		r = body_json(bodies, &p->body[i]);
	ss_time_fmt_iso(time, p->time_us);
	m = json_pack("{s:s,s:s%,s:s%,s:s%,s:s%,s:I,s:I,s:s,s:o}", "format", FORMAT, "sender",
		      p->sender.p, p->sender.n, "node", p->node.p, p->node.n, "receiver",
		      p->receiver.p, p->receiver.n, "schema", p->schema.p, p->schema.n, "epoch",
		      (json_int_t)p->epoch, "sequence", (json_int_t)p->sequence, "time", time,
		      "bodies", bodies);
	if (r == 0)
		r = m ? ss_json_canonical(out, m) : SS_EINVAL;
	json_decref(m);
	return r;
}

static int check_sizes(const struct ss_package *p, struct ss_error *err)
{
	size_t all = 0;

	for (size_t i = 0; i < p->n_bodies; i++)
		all += p->body[i].data.n < SS_PACKAGE_MOST ? p->body[i].data.n : SS_PACKAGE_MOST;
	return all + MANIFEST_MOST > SS_PACKAGE_MOST
		   ? ss_error_set(err, SS_ETOOBIG, "交换包的正文过大；the bodies are too large")
		   : 0;
}

int ss_package_write(struct ss_package *p, ss_package_sign *sign, void *arg, struct ss_buf *out,
		     struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf m = SS_BUF_MAX(MANIFEST_MOST);
	char hex[2 * SS_SM2_SIG_MAX + 1] = {0};
	uint8_t sig[SS_SM2_SIG_MAX];
	size_t n = 0;
	int r = check_sizes(p, err);

	if (r == 0 && (r = write_manifest(p, &m)) < 0)
		return ss_error_set(err, r,
				    "交换包的清单写不了（%s）；the manifest cannot be written: %s",
				    ss_err_zh(r), ss_err_en(r));
	if (r == 0)
		r = ss_sm3(m.p, m.n, p->sm3);
	if (r == 0)
		r = sign(arg, ss_buf_str(&m), sig, &n, err);
	if (r < 0)
		return r;
	ss_hex_encode(hex, sig, n);
	ss_buf_addf(out, MAGIC " %zu %zu\n", m.n, 2 * n);
	ss_buf_adds(out, ss_buf_str(&m));
	ss_buf_addf(out, "\n%s\n", hex);
	for (size_t i = 0; i < p->n_bodies; i++)
		ss_buf_adds(out, p->body[i].data);
	return out->err;
}

/* --- read, believing nothing --------------------------------------------------------------------
 */

static int bad(struct ss_error *err, int code, const char *zh, const char *en)
{
	return ss_error_set(err, code, "%s；%s", zh, en);
}

/* In hex as we write it. */
static bool is_signature(struct ss_str hex)
{
	char again[2 * SS_SM2_SIG_MAX + 1] = {0};
	uint8_t sig[SS_SM2_SIG_MAX];
	size_t n = 0;

	if (ss_hex_decode(hex, sig, sizeof(sig), &n) < 0)
		return false;
	ss_hex_encode(again, sig, n);
	return ss_str_is(hex, again);
}

/* Whatever unpacks to more than it is: not looked into. */
static bool compressed(struct ss_str s)
{
	static const struct {
		const char *p;
		size_t n;
	} magic[] = {{"\x1f\x8b", 2},
		     {"\x28\xb5\x2f\xfd", 4},
		     {"PK", 2},
		     {"BZh", 3},
		     {"\xfd"
		      "7zXZ",
		      5},
		     {"7z\xbc\xaf", 4}};

	for (size_t i = 0; i < SS_ARRAY_LEN(magic); i++)
		if (s.n >= magic[i].n && memcmp(s.p, magic[i].p, magic[i].n) == 0)
			return true;
	return false;
}

static bool cut(struct ss_str *rest, size_t n, bool line_end, struct ss_str *ret)
{
	if (rest->n < n + line_end || (line_end && rest->p[n] != '\n'))
		return false;
	*ret = ss_str_n(rest->p, n);
	*rest = ss_str_n(rest->p + n + line_end, rest->n - n - line_end);
	return true;
}

static int read_head(struct ss_str *rest, int64_t *ret_manifest, int64_t *ret_sig)
{
	const char *lf = memchr(rest->p, '\n', rest->n < HEAD_MOST ? rest->n : HEAD_MOST);
	struct ss_str line, part;
	char again[HEAD_MOST];

	if (!lf || !cut(rest, (size_t)(lf - rest->p), true, &line))
		return SS_EPARSE;
	struct ss_str words = line;
	if (!ss_str_split(&words, ' ', &part) || !ss_str_is(part, MAGIC) ||
	    !ss_str_split(&words, ' ', &part) || ss_parse_i64(part, ret_manifest) < 0 ||
	    ss_parse_i64(words, ret_sig) < 0)
		return SS_EPARSE;
	/* One way to write it. */
	snprintf(again, sizeof(again), MAGIC " %lld %lld", (long long)*ret_manifest,
		 (long long)*ret_sig);
	return ss_str_is(line, again) && *ret_manifest > 0 &&
		       *ret_manifest <= (int64_t)MANIFEST_MOST && *ret_sig > 0 &&
		       *ret_sig <= 2 * SS_SM2_SIG_MAX
		   ? 0
		   : SS_EPARSE;
}

static bool name_of(const json_t *o, const char *field, struct ss_str *ret)
{
	*ret = ss_json_get_str(o, field);
	return ret->n > 0 && ret->n <= SS_PACKAGE_NAME;
}

static bool number_of(const json_t *o, const char *field, int64_t least, int64_t *ret)
{
	const json_t *v = json_object_get(o, field);

	*ret = json_integer_value(v);
	return json_is_integer(v) && *ret >= least;
}

static bool read_names(struct ss_package *p)
{
	const json_t *m = p->held;
	struct ss_str format, time;
	char again[SS_TIME_ISO];

	if (!name_of(m, "format", &format) || !ss_str_is(format, FORMAT) ||
	    !name_of(m, "sender", &p->sender) || !name_of(m, "receiver", &p->receiver) ||
	    !name_of(m, "schema", &p->schema) || !name_of(m, "node", &p->node) ||
	    !name_of(m, "time", &time) || !number_of(m, "epoch", 0, &p->epoch) ||
	    !number_of(m, "sequence", 1, &p->sequence) ||
	    ss_time_parse_iso(time, &p->time_us) < 0 || json_object_size(m) != 9)
		return false;
	ss_time_fmt_iso(again, p->time_us);
	return ss_str_is(time, again);
}

static int read_bodies(struct ss_package *p, struct ss_str rest, struct ss_error *err)
{
	const json_t *list = json_object_get(p->held, "bodies"), *o;
	int64_t size, all = 0;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > SS_PACKAGE_BODIES)
		return bad(err, SS_EPARSE, "交换包的清单读不懂", "the manifest cannot be read");
	json_array_foreach(list, i, o)
	{
		struct ss_package_body *b = &p->body[p->n_bodies];
		struct ss_str digest;

		if (!name_of(o, "name", &b->name) || !number_of(o, "count", 0, &b->count) ||
		    !number_of(o, "size", 0, &size) || !name_of(o, "sm3", &digest) ||
		    digest.n != 64 || json_object_size(o) != 4 || size > (int64_t)SS_PACKAGE_MOST)
			return bad(err, SS_EPARSE, "交换包的清单读不懂",
				   "the manifest cannot be read");
		all += size;
		if (!cut(&rest, (size_t)size, false, &b->data))
			return ss_error_set(
			    err, SS_ECORRUPT,
			    "交换包被截短：清单所列正文至少 %lld 字节；the package is cut "
			    "short: the manifest names bodies of at least %lld bytes",
			    (long long)all, (long long)all);
		p->n_bodies++;
	}
	return rest.n ? bad(err, SS_ECORRUPT, "交换包后面多出了清单没有的字节",
			    "bytes follow that the manifest does not name")
		      : 0;
}

static int read_manifest(struct ss_package *p, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf again = SS_BUF_MAX(2 * MANIFEST_MOST);

	/* One way to write it: no key stands twice, nothing is there unseen. */
	if (ss_json_parse(p->manifest, &p->held, NULL) < 0 || !json_is_object(p->held) ||
	    ss_json_canonical(&again, p->held) < 0 ||
	    ss_str_cmp(ss_buf_str(&again), p->manifest) != 0 || !read_names(p))
		return bad(err, SS_EPARSE, "交换包的清单读不懂", "the manifest cannot be read");
	return ss_sm3(p->manifest.p, p->manifest.n, p->sm3);
}

int ss_package_read(struct ss_str text, struct ss_package *ret, struct ss_error *err)
{
	int64_t manifest, sig;
	struct ss_str rest = text;
	int r;

	*ret = (struct ss_package){0};
	if (text.n > SS_PACKAGE_MOST)
		return bad(err, SS_ETOOBIG, "交换包超过 64 MiB，不收",
			   "the package is over 64 MiB: not taken");
	if (compressed(text))
		return bad(err, SS_EPARSE, "压缩过的不收：交换包须是原样的文本",
			   "compressed: a package must be plain text");
	if (text.n == 0 || read_head(&rest, &manifest, &sig) < 0)
		return bad(err, SS_EPARSE, "不是交换包：第一行读不懂",
			   "not a package: its first line cannot be read");
	if (!cut(&rest, (size_t)manifest, true, &ret->manifest) ||
	    !cut(&rest, (size_t)sig, true, &ret->sig_hex))
		return bad(err, SS_ECORRUPT, "交换包被截短：清单或签名不全",
			   "the package is cut short: in its manifest or signature");
	if (!is_signature(ret->sig_hex))
		return bad(err, SS_EPARSE, "交换包的签名读不懂", "the signature cannot be read");
	r = read_manifest(ret, err);
	if (r == 0)
		r = read_bodies(ret, rest, err);
	if (r < 0)
		ss_package_done(ret);
	return r;
}

void ss_package_done(struct ss_package *p)
{
	json_decref(p->held);
	*p = (struct ss_package){0};
}

/* --- checked ------------------------------------------------------------------------------------
 */

static int check_signature(const struct ss_package *p, struct ss_str pem, struct ss_error *err)
{
	struct ss_sm2_key *key = NULL;
	uint8_t sig[SS_SM2_SIG_MAX], d[SS_SM3_LEN];
	char node[33] = {0}, *own = NULL;
	size_t n = 0;
	int r = ss_sm2_public_from_pem(pem.p, pem.n, &key);

	if (r == 0)
		r = ss_sm2_public_pem(key, &own);
	if (r == 0)
		r = ss_sm3(own, strlen(own), d);
	free(own);
	if (r < 0) {
		ss_sm2_free(key);
		return bad(err, r, "对方的公钥读不懂", "the sender's public key cannot be read");
	}
	ss_hex_encode(node, d, 16);
	if (ss_hex_decode(p->sig_hex, sig, sizeof(sig), &n) < 0 ||
	    ss_sm2_verify(key, p->manifest.p, p->manifest.n, sig, n) < 0)
		r = bad(
		    err, SS_ECORRUPT, "签名不符：清单被改过，或不是用对方登记的密钥签的",
		    "the signature is wrong: the manifest was changed, or another key signed it");
	else if (!ss_str_is(p->node, node))
		r = bad(err, SS_ECORRUPT, "清单所写的节点不是签名的那一个",
			"the manifest names another node than the one that signed");
	ss_sm2_free(key);
	return r;
}

static int check_bodies(const struct ss_package *p, struct ss_error *err)
{
	const json_t *list = json_object_get(p->held, "bodies");
	char hex[65] = {0};
	uint8_t d[SS_SM3_LEN];

	for (size_t i = 0; i < p->n_bodies; i++) {
		int r = ss_sm3(p->body[i].data.p, p->body[i].data.n, d);

		if (r < 0)
			return r;
		ss_hex_encode(hex, d, sizeof(d));
		if (!ss_str_is(ss_json_get_str(json_array_get(list, i), "sm3"), hex))
			return ss_error_set(
			    err, SS_ECORRUPT,
			    "正文 " SS_STR_FMT " 被改过（SM3 不符）；the body " SS_STR_FMT
			    " was changed (SM3)",
			    SS_STR_ARG(p->body[i].name), SS_STR_ARG(p->body[i].name));
		if (!ss_utf8_valid(p->body[i].data))
			return ss_error_set(
			    err, SS_EPARSE,
			    "正文 " SS_STR_FMT " 不是 UTF-8 文字；the body " SS_STR_FMT
			    " is not UTF-8 text",
			    SS_STR_ARG(p->body[i].name), SS_STR_ARG(p->body[i].name));
	}
	return 0;
}

static int check_age(const struct ss_package *p, const struct ss_package_trust *t,
		     struct ss_error *err)
{
	char made[SS_TIME_ISO];

	ss_time_fmt_iso(made, p->time_us);
	if (p->time_us > t->now_us + AHEAD_US)
		return ss_error_set(
		    err, SS_ERANGE,
		    "包的时间 %s 在将来：请核对双方时钟；its time %s is in the future: "
		    "look at both clocks",
		    made, made);
	return t->now_us - p->time_us > t->most_age_us
		   ? ss_error_set(
			 err, SS_ERANGE,
			 "包是 %s 做的，已过期：向对方核实之后，可用更长的 --age "
			 "收下；it was made at %s, too long ago: ask the sender, then take "
			 "it with a longer --age",
			 made, made)
		   : 0;
}

int ss_package_check(const struct ss_package *p, const struct ss_package_trust *t,
		     struct ss_error *err)
{
	int r = check_signature(p, t->key, err);

	if (r == 0)
		r = check_bodies(p, err);
	if (r == 0 && t->sender.n && ss_str_cmp(t->sender, p->sender) != 0)
		r = ss_error_set(err, SS_EDENIED,
				 "发件人是 " SS_STR_FMT "，这把公钥是 " SS_STR_FMT
				 " 的；it says it is of " SS_STR_FMT ", but the key is another's",
				 SS_STR_ARG(p->sender), SS_STR_ARG(t->sender),
				 SS_STR_ARG(p->sender));
	if (r == 0 && ss_str_cmp(t->receiver, p->receiver) != 0)
		r = ss_error_set(err, SS_EDENIED,
				 "收件人是 " SS_STR_FMT "，不是本方 " SS_STR_FMT
				 "；it is for " SS_STR_FMT ", not for us",
				 SS_STR_ARG(p->receiver), SS_STR_ARG(t->receiver),
				 SS_STR_ARG(p->receiver));
	return r == 0 ? check_age(p, t, err) : r;
}

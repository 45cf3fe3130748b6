/* Personal fields at rest: {"$s": sealed hex, "m": as shown masked}. Bound to the field, so that a
 * sealed text cannot stand in another's place. */
#include <stdlib.h>

#include "base/base.h"
#include "base/crypto.h"
#include "base/os.h"
#include "record/things/things_internal.h"

#define VALUE_MAX (1 << 20)

static int make_key(struct ss_things *t, const char *path)
{
	char hex[65];
	int r = ss_os()->random(t->key, sizeof(t->key));

	if (r < 0)
		return r;
	ss_hex_encode(hex, t->key, sizeof(t->key));
	hex[64] = '\n';
	return ss_file_write_atomic(path, hex, sizeof(hex), 0600);
}

int sst_key_open(struct ss_things *t, const char *path, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(256);
	size_t n = 0;
	int r = ss_file_read(path, &b);

	if (r == SS_ENOTFOUND)
		r = make_key(t, path);
	else if (r == 0 &&
		 (ss_hex_decode(ss_str_trim(ss_buf_str(&b)), t->key, sizeof(t->key), &n) < 0 ||
		  n != sizeof(t->key)))
		r = SS_ECORRUPT;
	if (b.p)
		explicit_bzero(b.p, b.n);
	if (r == 0)
		return 0;
	return ss_error_set(
	    err, r,
	    "个人信息的密钥文件 %s 不能用：%s；the key file of personal data cannot be "
	    "used: %s",
	    path, ss_err_zh(r), ss_err_en(r));
}

bool sst_is_sealed(const json_t *v)
{
	return json_is_object(v) && json_object_get(v, "$s");
}

/* --- masks --------------------------------------------------------------------------------------
 */

static size_t first_char(struct ss_str s)
{
	size_t n = 1;

	while (n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n++;
	return s.n ? n : 0;
}

static void stars(struct ss_buf *out, size_t n)
{
	while (n-- > 0)
		ss_buf_addc(out, '*');
}

static void ends(struct ss_str s, size_t head, size_t tail, struct ss_buf *out)
{
	if (s.n <= head + tail) {
		stars(out, s.n);
		return;
	}
	ss_buf_add(out, s.p, head);
	stars(out, s.n - head - tail);
	ss_buf_add(out, s.p + s.n - tail, tail);
}

/* Street only: up to the last 路 街 道 巷 大道 before the number. */
static void street(struct ss_str s, struct ss_buf *out)
{
	static const char *const words[] = {"路", "街", "道", "巷", "村", "镇", "区"};
	size_t upto = 0;

	for (size_t w = 0; w < SS_ARRAY_LEN(words) && upto == 0; w++)
		for (size_t i = 0; i + 3 <= s.n; i++)
			if (memcmp(s.p + i, words[w], 3) == 0) {
				upto = i + 3;
				break;
			}
	ss_buf_add(out, s.p, upto);
	stars(out, 3);
}

void sst_mask(const char *mask, struct ss_str s, struct ss_buf *out)
{
	if (strcmp(mask, "phone") == 0) {
		ends(s, 3, 4, out);
	} else if (strcmp(mask, "idcard") == 0) {
		ends(s, 4, 4, out);
	} else if (strcmp(mask, "address") == 0) {
		street(s, out);
	} else {
		ss_buf_add(out, s.p, first_char(s));
		stars(out, 1);
	}
}

/* --- sealing ------------------------------------------------------------------------------------
 */

static int seal_one(const struct ss_things *t, const struct sst_field *f, const json_t *v,
		    json_t **ret)
{
	ss_cleanup(ss_buf_done) struct ss_buf mask = SS_BUF_MAX(VALUE_MAX);
	struct ss_str s = {json_string_value(v), json_string_length(v)};
	size_t n = s.n + SS_SEAL_MORE;
	uint8_t *sealed = malloc(n);
	char *hex = malloc(2 * n + 1);
	int r = sealed && hex ? ss_seal(t->key, ss_str_of(f->id), s.p, s.n, sealed) : SS_ENOMEM;

	if (r == 0) {
		ss_hex_encode(hex, sealed, n);
		sst_mask(f->mask, s, &mask);
		*ret = json_pack("{s:s#,s:s#}", "$s", hex, (int)(2 * n), "m", mask.p ? mask.p : "",
				 (int)mask.n);
		r = *ret ? 0 : SS_ENOMEM;
	}
	free(sealed);
	free(hex);
	return r;
}

int sst_open_one(const struct ss_things *t, const struct sst_field *f, const json_t *v,
		 json_t **ret)
{
	struct ss_str hex = {json_string_value(json_object_get(v, "$s")),
			     json_string_length(json_object_get(v, "$s"))};
	size_t n = hex.n / 2;
	uint8_t *sealed = malloc(n + 1);
	char *clear = malloc(n + 1);
	int r = sealed && clear ? ss_hex_decode(hex, sealed, n, &n) : SS_ENOMEM;

	if (r == 0 && n < SS_SEAL_MORE)
		r = SS_ECORRUPT;
	if (r == 0)
		r = ss_unseal(t->key, ss_str_of(f->id), sealed, n, clear);
	if (r == 0) {
		*ret = json_stringn(clear, n - SS_SEAL_MORE);
		r = *ret ? 0 : SS_ECORRUPT;
	}
	if (clear)
		explicit_bzero(clear, hex.n / 2 + 1);
	free(sealed);
	free(clear);
	return r;
}

/* Walks fields and parts of them; fn makes the other form of a personal one. */
struct walk {
	const struct ss_things *t;
	bool seal;
	int err;
};

static json_t *walk_group(struct walk *w, const struct sst_field *f, size_t n, const json_t *in,
			  const json_t *before);

static json_t *turn(struct walk *w, const struct sst_field *f, const json_t *v,
		    const json_t *before)
{
	json_t *out = NULL, *old = NULL;
	int r;

	if (w->seal && json_is_string(v)) {
		/* The same text keeps its seal: an unchanged record stays the same bytes. */
		if (sst_is_sealed(before) && sst_open_one(w->t, f, before, &old) == 0 &&
		    json_equal(old, v)) {
			json_decref(old);
			return json_incref((json_t *)before);
		}
		json_decref(old);
		r = seal_one(w->t, f, v, &out);
	} else if (!w->seal && sst_is_sealed(v)) {
		r = sst_open_one(w->t, f, v, &out);
	} else {
		return json_incref((json_t *)v);
	}
	if (r < 0)
		w->err = r;
	return out ? out : json_null();
}

static json_t *walk_value(struct walk *w, const struct sst_field *f, const json_t *v,
			  const json_t *before)
{
	json_t *out, *item;
	size_t i;

	if (f->mask)
		return turn(w, f, v, before);
	if (f->type == SST_OBJECT)
		return walk_group(w, f->sub, f->n_sub, v, before);
	if (f->type != SST_LIST)
		return json_incref((json_t *)v);
	out = json_array();
	json_array_foreach((json_t *)v, i, item)
	{
		json_array_append_new(
		    out, walk_group(w, f->sub, f->n_sub, item, json_array_get(before, i)));
	}
	return out;
}

static json_t *walk_group(struct walk *w, const struct sst_field *f, size_t n, const json_t *in,
			  const json_t *before)
{
	json_t *out = json_object();

	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_object_get(in, f[i].id);

		if (v)
			json_object_set_new(
			    out, f[i].id,
			    walk_value(w, &f[i], v, json_object_get(before, f[i].id)));
	}
	return out;
}

static int walk_all(struct walk *w, const struct sst_type *ty, const json_t *in,
		    const json_t *before, json_t **ret)
{
	json_t *out = walk_group(w, ty->fields, ty->n_fields, in, before);

	if (w->err < 0 || !out) {
		json_decref(out);
		return w->err < 0 ? w->err : SS_ENOMEM;
	}
	*ret = out;
	return 0;
}

int sst_seal_all(const struct ss_things *t, const struct sst_type *ty, const json_t *clear,
		 const json_t *before_sealed, json_t **ret)
{
	struct walk w = {.t = t, .seal = true};

	return walk_all(&w, ty, clear, before_sealed, ret);
}

int sst_open_all(const struct ss_things *t, const struct sst_type *ty, const json_t *sealed,
		 json_t **ret)
{
	struct walk w = {.t = t};

	return walk_all(&w, ty, sealed, NULL, ret);
}

/* Devices' keys at rest: each device's ring (the key in use and those before it) is one sealed
 * text, SM4-CTR under the node's key with HMAC-SM3 over the device number and the cipher text, so
 * that a ring cannot be read, changed, or moved to another device. The node's key is a file of its
 * own, mode 0600, apart from the database and its backups. */
#include <fcntl.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/crypto.h"
#include "base/os.h"
#include "record/registry/registry_internal.h"

#define VERSION 1
#define IV 16
#define TAG 32
#define ONE 24 /* until_us little endian, key */

struct ss_keyring {
	uint8_t cipher[16], mac[32];
};

static int make_file(const char *path, uint8_t raw[48])
{
	char hex[97];
	int r = ss_os()->random(raw, 48);

	if (r < 0)
		return r;
	ss_hex_encode(hex, raw, 48);
	hex[96] = '\n';
	return ss_file_write_atomic(path, hex, sizeof(hex), 0600);
}

static int read_file(const char *path, uint8_t raw[48], struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(256);
	size_t n = 0;
	int r = ss_file_read(path, &b);

	if (r == SS_ENOTFOUND)
		r = make_file(path, raw);
	else if (r == 0 && (ss_hex_decode(ss_str_trim(ss_buf_str(&b)), raw, 48, &n) < 0 || n != 48))
		r = SS_ECORRUPT;
	if (b.p)
		explicit_bzero(b.p, b.n);
	return r < 0 ? ss_error_set(
			   err, r,
			   "节点密钥文件 %s 不能用：%s；the node's key file cannot be used: %s",
			   path, ss_err_zh(r), ss_err_en(r))
		     : 0;
}

int ss_keyring_open(const char *path, struct ss_keyring **ret, struct ss_error *err)
{
	struct ss_keyring *k = calloc(1, sizeof(*k));
	uint8_t raw[48];
	int r = k ? read_file(path, raw, err) : SS_ENOMEM;

	if (r < 0) {
		free(k);
		return r;
	}
	memcpy(k->cipher, raw, 16);
	memcpy(k->mac, raw + 16, 32);
	explicit_bzero(raw, sizeof(raw));
	*ret = k;
	return 0;
}

void ss_keyring_free(struct ss_keyring *k)
{
	if (k)
		explicit_bzero(k, sizeof(*k));
	free(k);
}

static int tag_of(const struct ss_keyring *k, const char *mn, const uint8_t *sealed, size_t n,
		  uint8_t ret[TAG])
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);

	ss_buf_addz(&b, mn);
	ss_buf_addc(&b, 0);
	ss_buf_add(&b, sealed, n);
	return b.err < 0 ? b.err : ss_hmac_sm3(k->mac, sizeof(k->mac), b.p, b.n, ret);
}

static void put_one(uint8_t *at, int64_t until_us, const uint8_t key[16])
{
	for (int i = 0; i < 8; i++)
		at[i] = (uint8_t)((uint64_t)until_us >> (8 * i));
	memcpy(at + 8, key, 16);
}

static int64_t get_one(const uint8_t *at, uint8_t key[16])
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v |= (uint64_t)at[i] << (8 * i);
	memcpy(key, at + 8, 16);
	return (int64_t)v;
}

int ss_keyring_seal(const struct ss_keyring *k, const struct ss_device *d, uint8_t *ret,
		    size_t *ret_n)
{
	size_t count = 1 + (size_t)d->sm4_old_n, n = 1 + IV + count * ONE;
	int r;

	if (!k)
		return SS_EUNSUPPORTED;
	ret[0] = VERSION;
	r = ss_os()->random(ret + 1, IV);
	put_one(ret + 1 + IV, 0, d->sm4_key);
	for (int i = 0; i < d->sm4_old_n; i++)
		put_one(ret + 1 + IV + (size_t)(1 + i) * ONE, d->sm4_old[i].until_us,
			d->sm4_old[i].key);
	if (r >= 0)
		r = ss_sm4_ctr(k->cipher, ret + 1, ret + 1 + IV, count * ONE);
	if (r == 0)
		r = tag_of(k, d->mn, ret, n, ret + n);
	*ret_n = n + TAG;
	return r < 0 ? r : 0;
}

int ss_keyring_unseal(const struct ss_keyring *k, struct ss_str sealed, struct ss_device *d)
{
	size_t n = sealed.n - TAG, count = (n - 1 - IV) / ONE;
	uint8_t plain[SS_KEYRING_MAX], tag[TAG], diff = 0;
	int r;

	if (!k)
		return SS_EUNSUPPORTED;
	if (sealed.n < 1 + IV + ONE + TAG || sealed.n > SS_KEYRING_MAX || sealed.p[0] != VERSION ||
	    (n - 1 - IV) % ONE || count > 1 + SS_DEVICE_OLD_KEYS)
		return SS_ECORRUPT;
	r = tag_of(k, d->mn, (const uint8_t *)sealed.p, n, tag);
	for (int i = 0; r == 0 && i < TAG; i++)
		diff |= (uint8_t)(tag[i] ^ (uint8_t)sealed.p[n + (size_t)i]);
	if (r < 0 || diff)
		return r < 0 ? r : SS_ECORRUPT;
	memcpy(plain, sealed.p, n);
	r = ss_sm4_ctr(k->cipher, plain + 1, plain + 1 + IV, count * ONE);
	if (r < 0)
		return r;
	get_one(plain + 1 + IV, d->sm4_key);
	d->has_sm4_key = true;
	d->sm4_old_n = (int)count - 1;
	for (size_t i = 1; i < count; i++)
		d->sm4_old[i - 1].until_us =
		    get_one(plain + 1 + IV + i * ONE, d->sm4_old[i - 1].key);
	explicit_bzero(plain, sizeof(plain));
	return 0;
}

/* Another key than before: the one before stays for what was sent under it. A record that says
 * nothing of a key keeps the one that is known. */
void ss_registry_renew_key(const struct ss_device *old, struct ss_device *d)
{
	int n = old ? old->sm4_old_n : 0;

	if (!old || !old->has_sm4_key)
		return;
	memcpy(d->sm4_old, old->sm4_old, sizeof(d->sm4_old));
	d->sm4_old_n = n;
	if (!d->has_sm4_key) {
		memcpy(d->sm4_key, old->sm4_key, sizeof(d->sm4_key));
		d->has_sm4_key = true;
		return;
	}
	if (memcmp(d->sm4_key, old->sm4_key, sizeof(d->sm4_key)) == 0)
		return;
	n = n < SS_DEVICE_OLD_KEYS ? n : SS_DEVICE_OLD_KEYS - 1;
	memmove(&d->sm4_old[1], &d->sm4_old[0], (size_t)n * sizeof(d->sm4_old[0]));
	memcpy(d->sm4_old[0].key, old->sm4_key, sizeof(old->sm4_key));
	d->sm4_old[0].until_us = ss_time_now();
	d->sm4_old_n = n + 1;
}

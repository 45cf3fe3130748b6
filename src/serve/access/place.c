/* Where administrators may come from: access.admin_from. GB/T 22239-2019 8.1.4.4 c. It is the
 * address of the connection; what a header says of another can only shut out, never let in. */
#include "serve/access/access_internal.h"

#include <arpa/inet.h>

/* IPv4 that is written as IPv6 (::ffff:10.1.2.3) is IPv4. */
static int address_read(struct ss_str s, struct ssa_range *ret)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	char text[48];

	memset(ret, 0, sizeof(*ret));
	if (!ss_str_copy(text, sizeof(text), s))
		return SS_EINVAL;
	ret->bits = 32;
	if (inet_pton(AF_INET, text, ret->net) == 1)
		return 0;
	if (inet_pton(AF_INET6, text, ret->net) != 1)
		return SS_EINVAL;
	ret->v6 = memcmp(ret->net, mapped, sizeof(mapped)) != 0;
	if (ret->v6)
		ret->bits = 128;
	else
		memcpy(ret->net, ret->net + 12, 4);
	return 0;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, int bits)
{
	int whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, (size_t)whole) == 0 &&
	       (rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

/* "10.1.0.0/16", "2001:db8::/32", or one address. No bit may be set behind the prefix. */
static int range_read(struct ss_str s, struct ssa_range *ret)
{
	struct ss_str address = {0}, rest = s;
	uint64_t bits;
	int most;

	ss_str_split(&rest, '/', &address);
	if (address_read(address, ret) < 0)
		return SS_EINVAL;
	most = ret->bits;
	if (address.n == s.n)
		return 0;
	if (ss_parse_u64(rest, &bits) < 0 || bits > (uint64_t)most ||
	    (!ret->v6 && memchr(address.p, ':', address.n)))
		return SS_EINVAL;
	ret->bits = (int)bits;
	for (int i = ret->bits; i < most; i++) {
		if (ret->net[i / 8] & 0x80 >> i % 8)
			return SS_EINVAL;
	}
	return 0;
}

int ssa_place_read(struct ss_access *a, struct ss_str list, struct ss_error *err)
{
	struct ss_str one;

	a->n_from = 0;
	if (!ss_str_trim(list).n)
		return 0;
	while (ss_str_split(&list, ',', &one)) {
		one = ss_str_trim(one);
		if (a->n_from == SSA_RANGES)
			return ss_error_set(err, SS_EINVAL,
					    "access.admin_from 至多 %d 段；access.admin_from takes "
					    "%d ranges at most",
					    SSA_RANGES, SSA_RANGES);
		if (range_read(one, &a->from[a->n_from++]) < 0)
			return ss_error_set(
			    err, SS_EINVAL,
			    "access.admin_from：“%.*s”不是网段，应如 10.1.0.0/16、2001:db8::/32"
			    "；access.admin_from: \"%.*s\" is no range, give it as 10.1.0.0/16 or "
			    "2001:db8::/32",
			    (int)(one.n > 60 ? 60 : one.n), one.p, (int)(one.n > 60 ? 60 : one.n),
			    one.p);
	}
	return 0;
}

bool ssa_inside(const struct ss_access *a, struct ss_peer from)
{
	struct ssa_range x;

	if (!a->n_from)
		return true;
	if (!from.direct || address_read(ss_str_of(from.address), &x) < 0)
		return false;
	for (size_t i = 0; i < a->n_from; i++) {
		if (a->from[i].v6 == x.v6 && same_bits(a->from[i].net, x.net, a->from[i].bits))
			return true;
	}
	return false;
}

bool ssa_user_outside(struct ss_access *a, const struct ssa_user *u, struct ss_peer from)
{
	return ssa_kind_of(a, u) != SSA_BUSINESS && !ssa_inside(a, from);
}

/* Some administrator may and nobody else does. */
static bool administrative(const char *permission)
{
	const struct ssa_role *role;
	bool theirs = false;
	size_t n;

	if (ssa_roles(&role, &n, NULL) < 0)
		return true;
	for (size_t i = 0; i < n; i++) {
		if (!ssa_role_has(&role[i], permission))
			continue;
		if (role[i].kind == SSA_BUSINESS)
			return false;
		theirs = true;
	}
	return theirs;
}

static void forget(struct ss_actor *who)
{
	*who = (struct ss_actor){.name = "anonymous", .local = who->local, .counted = who->counted};
}

int ssa_place_check(struct ss_access *a, struct ss_request *rq, struct ss_actor *who,
		    const char *permission, unsigned flags, struct ss_error *err)
{
	const struct ss_who *w = ssa_who(who);
	bool admin = w && w->admin;

	/* Leaving is never refused. */
	if ((flags & SS_ROUTE_PUBLIC) || strcmp(permission, "session.close") == 0 ||
	    ssa_inside(a, ss_request_peer(rq)))
		return 0;
	if (flags & SS_ROUTE_OPEN) {
		if (admin) /* a stranger there, who may sign in as somebody else */
			forget(who);
		return 0;
	}
	if (!admin && (!administrative(permission) || ((flags & SS_ROUTE_LOCAL) && who->local)))
		return 0;
	return ss_error_set(err, SS_EDENIED,
			    "管理只能从规定的地址进行；administration is only done from the "
			    "addresses that are set for it");
}

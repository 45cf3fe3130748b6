/* Who may be meant and who may have sent: names in Host and Origin. A page of another site whose
 * name is re-bound to 127.0.0.1 still says its own name in Host, so names are compared, not
 * addresses. */
#include "serve/http/http_internal.h"

/* "name:port" and "[v6]:port" without the port. */
static struct ss_str without_port(struct ss_str host)
{
	const char *end;

	if (host.n > 0 && host.p[0] == '[') {
		end = memchr(host.p, ']', host.n);
		return end ? ss_str_n(host.p, (size_t)(end - host.p) + 1) : ss_str_n(host.p, 0);
	}
	end = memchr(host.p, ':', host.n);
	return end ? ss_str_n(host.p, (size_t)(end - host.p)) : host;
}

static bool dotted_127(struct ss_str s)
{
	struct ss_str part;
	int n = 0;

	if (!ss_str_starts(s, SS_STR("127.")) || ss_str_ends(s, SS_STR(".")))
		return false;
	while (ss_str_split(&s, '.', &part)) {
		uint64_t v;

		if (part.n == 0 || part.n > 3 || ss_parse_u64(part, &v) < 0 || v > 255)
			return false;
		n++;
	}
	return n == 4;
}

bool ss_http_loopback_host(struct ss_str host)
{
	struct ss_str name = without_port(host), port = {host.p + name.n, host.n - name.n};
	uint64_t v;

	if (port.n > 0 && (port.p[0] != ':' ||
			   ss_parse_u64(ss_str_n(port.p + 1, port.n - 1), &v) < 0 || v > 65535))
		return false;
	return ss_str_eq_nocase(name, SS_STR("localhost")) || ss_str_is(name, "[::1]") ||
	       dotted_127(name);
}

bool ss_http_named_host(struct ss_str host, const char *names)
{
	struct ss_str rest = ss_str_of(names), name;

	while (ss_str_split(&rest, ',', &name)) {
		name = ss_str_trim(name);
		if (name.n && ss_str_eq_nocase(without_port(host), name))
			return true;
	}
	return false;
}

bool ss_http_same_origin(struct ss_str origin, struct ss_str host)
{
	if (ss_str_starts(origin, SS_STR("http://")))
		return ss_str_eq_nocase(ss_str_n(origin.p + 7, origin.n - 7), host);
	if (ss_str_starts(origin, SS_STR("https://")))
		return ss_str_eq_nocase(ss_str_n(origin.p + 8, origin.n - 8), host);
	return false;
}

bool ss_http_accepts_gzip(struct ss_str accept)
{
	struct ss_str part;

	while (ss_str_split(&accept, ',', &part)) {
		struct ss_str name = {0}, rest = part;

		ss_str_split(&rest, ';', &name);
		if (!ss_str_eq_nocase(ss_str_trim(name), SS_STR("gzip")))
			continue;
		rest = ss_str_trim(rest);
		return !ss_str_is(rest, "q=0") && !ss_str_starts(rest, SS_STR("q=0.0"));
	}
	return false;
}

bool ss_http_etag_matches(struct ss_str header, const char *etag)
{
	struct ss_str part;

	while (ss_str_split(&header, ',', &part)) {
		part = ss_str_trim(part);
		if (ss_str_starts(part, SS_STR("W/")))
			part = ss_str_n(part.p + 2, part.n - 2);
		if (ss_str_is(part, etag) || ss_str_is(part, "*"))
			return true;
	}
	return false;
}

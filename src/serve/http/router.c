/* Routes as a tree of path segments: a name is tried before a parameter. */
#include "serve/http/http_internal.h"

#define N_METHODS 5

struct node {
	struct ss_str seg;
	struct node *child, *sibling; /* named ones */
	struct node *param;           /* {name} */
	int route[N_METHODS];         /* index + 1, 0 = none */
};

struct ss_router {
	const struct ss_route *routes;
	struct ss_arena a;
	struct node *root;
};

static bool is_param(struct ss_str seg)
{
	return seg.n > 2 && seg.p[0] == '{' && seg.p[seg.n - 1] == '}';
}

static struct node *node_child(struct ss_router *r, struct node *at, struct ss_str seg)
{
	struct node *n;

	if (is_param(seg)) {
		if (!at->param)
			at->param = ss_arena_alloc(&r->a, sizeof(*at->param));
		return at->param;
	}
	for (n = at->child; n; n = n->sibling) {
		if (ss_str_eq(n->seg, seg))
			return n;
	}
	n = ss_arena_alloc(&r->a, sizeof(*n));
	if (!n)
		return NULL;
	n->seg = seg;
	n->sibling = at->child;
	at->child = n;
	return n;
}

static bool has_row(const struct ss_route *rt, struct ss_str name)
{
	for (const struct ss_param *p = rt->params; p && p->name; p++) {
		if (p->in_path && ss_str_is(name, p->name))
			return true;
	}
	return false;
}

static int route_check(const struct ss_route *rt, struct ss_error *err)
{
	if (!rt->permission || !*rt->permission)
		return ss_error_set(err, SS_EDENIED,
				    "接口 %s 没有写明权限，不予开放；route %s names no permission",
				    rt->path, rt->path);
	if (rt->path[0] != '/')
		return ss_error_set(err, SS_EINVAL,
				    "接口路径 %s 不以 / 开头；route %s must begin with /", rt->path,
				    rt->path);
	if (!rt->zh || !rt->en)
		return ss_error_set(err, SS_EINVAL, "接口 %s 没有说明；route %s has no summary",
				    rt->path, rt->path);
	return 0;
}

static int route_add(struct ss_router *r, size_t i, struct ss_error *err)
{
	const struct ss_route *rt = &r->routes[i];
	struct ss_str rest = ss_str_of(rt->path), seg;
	struct node *at = r->root;
	int bad = route_check(rt, err);

	if (bad < 0)
		return bad;
	rest = ss_str_n(rest.p + 1, rest.n - 1);
	while (ss_str_split(&rest, '/', &seg)) {
		if (is_param(seg) && !has_row(rt, ss_str_n(seg.p + 1, seg.n - 2)))
			return ss_error_set(
			    err, SS_EINVAL,
			    "接口 %s 的路径参数没有说明行；a path parameter of %s has no row",
			    rt->path, rt->path);
		at = node_child(r, at, seg);
		if (!at)
			return ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	}
	if (at->route[rt->method])
		return ss_error_set(err, SS_EEXISTS, "接口 %s 登记了两次；route %s is there twice",
				    rt->path, rt->path);
	at->route[rt->method] = (int)i + 1;
	return 0;
}

int ss_router_new(const struct ss_route *routes, struct ss_router **ret, struct ss_error *err)
{
	struct ss_router *r = calloc(1, sizeof(*r));
	int bad = 0;

	if (!r)
		return ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	r->routes = routes;
	ss_arena_init(&r->a, 4u << 20);
	r->root = ss_arena_alloc(&r->a, sizeof(*r->root));
	if (!r->root)
		bad = ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	for (size_t i = 0; bad == 0 && routes[i].path; i++)
		bad = route_add(r, i, err);
	if (bad < 0) {
		ss_router_free(r);
		return bad;
	}
	*ret = r;
	return 0;
}

void ss_router_free(struct ss_router *r)
{
	if (!r)
		return;
	ss_arena_done(&r->a);
	free(r);
}

/* The name of the i-th segment of a route's path, without braces. */
static struct ss_str param_name(const struct ss_route *rt, size_t i)
{
	struct ss_str rest = ss_str_of(rt->path + 1), seg = {0};

	for (size_t k = 0; k <= i; k++)
		ss_str_split(&rest, '/', &seg);
	return is_param(seg) ? ss_str_n(seg.p + 1, seg.n - 2) : ss_str_n(NULL, 0);
}

static const struct node *named_child(const struct node *at, struct ss_str seg)
{
	for (const struct node *n = at->child; n; n = n->sibling) {
		if (n->seg.n == seg.n && memcmp(n->seg.p, seg.p, seg.n) == 0)
			return n;
	}
	return NULL;
}

static int route_of(const struct ss_router *r, const struct node *at, enum ss_method m,
		    struct ss_pair *pairs, size_t n_pairs, const uint8_t *where,
		    unsigned *ret_methods)
{
	unsigned methods = 0;

	if (at->route[m]) {
		for (size_t i = 0; i < n_pairs; i++)
			pairs[i].name = param_name(&r->routes[at->route[m] - 1], where[i]);
		return at->route[m] - 1;
	}
	for (int i = 0; i < N_METHODS; i++)
		methods |= at->route[i] ? 1u << i : 0;
	*ret_methods = methods;
	return methods ? SS_ESTATE : SS_ENOTFOUND;
}

int ss_router_match(const struct ss_router *r, enum ss_method m, struct ss_str path,
		    struct ss_arena *a, struct ss_pair *pairs, size_t *n_pairs,
		    unsigned *ret_methods)
{
	const struct node *at = r->root, *next;
	uint8_t where[SS_HTTP_PAIRS];
	struct ss_str seg;
	size_t n = 0;
	int bad, depth = 0;

	*ret_methods = 0;
	if (path.n == 0 || path.p[0] != '/')
		return SS_EINVAL;
	while (path.n > 1 && ss_http_segment(&path, a, &seg, &bad)) {
		if (bad < 0)
			return bad;
		next = named_child(at, seg);
		if (!next) {
			next = at->param;
			if (!next || n == SS_HTTP_PAIRS / 2)
				return SS_ENOTFOUND;
			pairs[n].value = seg;
			where[n++] = (uint8_t)depth;
		}
		at = next;
		depth++;
	}
	*n_pairs = n;
	return route_of(r, at, m, pairs, n, where, ret_methods);
}

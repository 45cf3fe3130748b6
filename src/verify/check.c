/* All of it, in the order in which trust is built: container, manifest and its signature, members,
 * tips, groups and frames, anchors, values. Goes on after a fault, so that the broken link is named
 * as closely as can be. */
#include <string.h>

#include "verify.h"

struct check {
	struct sv_archive a;
	struct sv_chain c;
	struct sv_doc *doc;
	const struct sv_node *manifest;
	struct sv_report *r;
};

static bool manifest_read(struct check *k)
{
	const struct sv_node *subject;
	struct sv_bytes text;

	if (k->a.n < 2) {
		sv_break(k->r, "manifest.json", 0, 0, "包里没有清单",
			 "the package has no manifest");
		return false;
	}
	text = k->a.m[0].data;
	if (text.n && text.p[text.n - 1] == '\n')
		text.n--;
	k->manifest = sv_parse(k->doc, text);
	if (!k->manifest || !sv_is(sv_get(k->manifest, "format"), "shanshui-evidence-1") ||
	    !sv_get_string(k->manifest, "node", k->r->node, sizeof(k->r->node)) ||
	    !sv_get_string(k->manifest, "created", k->r->created, sizeof(k->r->created))) {
		sv_break(k->r, "manifest.json", 0, 0, "清单损坏，或不是本程序认得的格式",
			 "the manifest is damaged or of a format unknown here");
		return false;
	}
	subject = sv_get(k->manifest, "subject");
	if (!sv_get_string(subject, "title", k->r->subject, sizeof(k->r->subject)))
		k->r->subject[0] = 0;
	return true;
}

static void manifest_signed(struct check *k)
{
	char msg[32 + 1 + 20 + 64 + 1], hex[65];
	uint8_t digest[32], sig[80];
	struct sv_bytes text = k->a.m[1].data;
	size_t n = text.n / 2;

	sv_sm3_one(k->a.m[0].data.p, k->a.m[0].data.n, digest);
	sv_hex(hex, digest, 32);
	memcpy(msg, k->c.node_hex, 32);
	memcpy(msg + 32, " shanshui-evidence-1 ", 21);
	memcpy(msg + 53, hex, 64);
	if (text.n % 2 != 1 || n > sizeof(sig) || text.p[text.n - 1] != '\n' ||
	    !sv_unhex((struct sv_bytes){text.p, text.n - 1}, sig, n) ||
	    !sv_signed(k->c.key, (struct sv_bytes){(const uint8_t *)msg, 117},
		       (struct sv_bytes){sig, n}))
		sv_break(
		    k->r, "manifest.json + manifest.sig", 0, 0,
		    "清单的签名不对：清单、签名或公钥被改动",
		    "signature of the manifest is wrong: manifest, signature or key was changed");
	if (strcmp(k->r->node, k->c.node_hex) != 0)
		sv_break(k->r, "manifest.json", 0, 0, "清单所说的节点与公钥不符",
			 "the node in the manifest is not that of the key");
}

static bool listed(struct check *k, const struct sv_node *row, size_t i)
{
	struct sv_member *m = i + 2 < k->a.n ? &k->a.m[i + 2] : NULL;
	uint8_t want[32], is[32];
	char path[128];
	uint64_t bytes;

	if (!sv_get_string(row, "path", path, sizeof(path)) || !sv_get_u64(row, "bytes", &bytes) ||
	    !sv_get_hex(row, "sm3", want, 32)) {
		sv_break(k->r, "manifest.json", 0, 0, "清单的一行不全",
			 "a row of the manifest is incomplete");
		return false;
	}
	if (!m || strcmp(m->path, path) != 0) {
		sv_break(k->r, path, 0, 0, "清单所列的成员缺失（或多了别的成员）",
			 "a member of the manifest is missing, or another stands in its place");
		return false;
	}
	sv_sm3_one(m->data.p, m->data.n, is);
	m->whole = m->data.n == bytes && memcmp(is, want, 32) == 0;
	if (!m->whole)
		sv_break(k->r, path, 0, 0, "内容与清单的摘要不符：被改动",
			 "content does not fit its digest in the manifest: changed");
	return true;
}

static void members(struct check *k)
{
	const struct sv_node *list = sv_get(k->manifest, "members");
	const struct sv_node *row = list && list->type == SV_ARRAY ? list->child : NULL;
	size_t i = 0;

	for (; row; row = row->next, i++)
		if (!listed(k, row, i))
			return;
	if (i + 2 != k->a.n)
		sv_break(k->r, i + 2 < k->a.n ? k->a.m[i + 2].path : "manifest.json", 0, 0,
			 "清单没有列出的成员", "a member that the manifest does not list");
	k->r->members = k->a.n;
}

void sv_check(struct sv_bytes package, struct sv_bytes anchors, struct sv_report *r)
{
	struct check k = {.r = r, .doc = sv_doc_new()};

	*r = (struct sv_report){.broken_n = 0};
	if (k.doc && sv_archive_read(package, &k.a, r) && manifest_read(&k)) {
		members(&k);
		sv_chain_key(&k.c, &k.a, r);
		manifest_signed(&k);
		sv_chain_tips(&k.c, &k.a, r);
		sv_chain_groups(&k.c, &k.a, r);
		if (anchors.p)
			sv_chain_anchors(&k.c, anchors, r);
		sv_observations(&k.c, &k.a, r);
	} else if (r->broken_n == 0) {
		sv_break(r, "tar", 0, 0, "内存不足", "out of memory");
	}
	sv_chain_free(&k.c);
	sv_archive_free(&k.a);
	sv_doc_free(k.doc);
}

/* One package: explain the figure, collect what the tree names, prove it, describe it, sign. */
#include "base/crypto.h"
#include "record/findings/findings.h"
#include "serve/evidence/evidence_internal.h"

static const char readme[] =
    "怎样核对这个证据包\n"
    "1. 在一台不联平台的机器上取 shanshui-verify（源码 src/verify，一行可编译）：\n"
    "   cc -O2 -o shanshui-verify src/verify/*.c -lcrypto -lm\n"
    "2. 向平台以外的保存者（对方节点、门户公布页、每日打印件）取锚点文件 anchors.txt。\n"
    "3. shanshui-verify 本包.tar --anchors anchors.txt\n"
    "   退出码 0 完好；1 有断裂并指明在哪里；3 包内一致但没有对照锚点。\n"
    "各文件：index.html 目录；frames/ 报文与人的操作的原始字节；proof/ 组、锚点、公钥；\n"
    "data/ 观测、均值、判定、依据、操作、登记；explain.json 推理树；recompute.json 重算结果。\n"
    "注意：frames/ 中的报文含设备口令（PW=）原文，遮去则摘要不成立；不得公开，移交后应改口令。\n"
    "\n"
    "How to check this package: build shanshui-verify (one line above) on a machine of your own, "
    "get the\n"
    "anchors from somebody other than the platform, run it. 0 good, 1 broken (says where), 3 not\n"
    "compared with anchors. Frames hold device passwords as sent: masking them would break the "
    "digests.\n";

static int put_data(struct pack *k, const struct collected *c, const json_t *tree,
		    const json_t *again)
{
	const struct {
		const char *path;
		const json_t *v;
	} rows[] = {{"data/observations.jsonl", c->observations},
		    {"data/rollups.jsonl", c->rollups},
		    {"data/findings.jsonl", c->findings},
		    {"data/law.jsonl", c->law},
		    {"data/acts.jsonl", c->acts},
		    {"data/sites.jsonl", c->sites},
		    {"data/devices.jsonl", c->devices},
		    {"explain.json", tree},
		    {"recompute.json", again}};
	int r = 0;

	for (size_t i = 0; i < SS_ARRAY_LEN(rows) && r >= 0; i++)
		r = sse_pack_json(k, rows[i].path, rows[i].v);
	return r < 0 ? r : sse_pack_add(k, "README.txt", ss_str_n(readme, sizeof(readme) - 1));
}

/* The figure again, or why it cannot be done alone. */
static json_t *again_of(struct ss_figures *f, struct ss_str id)
{
	struct ss_error why = {0};
	json_t *v = NULL;

	if (ss_recompute(f, id, &v, &why) >= 0)
		return v;
	return json_pack("{s:s%, s:n, s:s}", "id", id.p, id.n, "same", "why", why.text);
}

static json_t *manifest_of(const struct ss_evidence_ask *ask, const char *node, const json_t *tree,
			   const struct pack *k)
{
	json_t *list = json_array();
	char iso[SS_TIME_ISO], hex[65] = {0};

	for (size_t i = 0; i < k->n; i++) {
		ss_hex_encode(hex, k->m[i].sm3, 32);
		json_array_append_new(list, json_pack("{s:s, s:I, s:s}", "path", k->m[i].path,
						      "bytes", (json_int_t)k->m[i].n, "sm3", hex));
	}
	ss_time_fmt_iso(iso, ask->created_us);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s%, s:O, s:O}, s:s, s:o}", "format",
			 "shanshui-evidence-1", "program", "shanshui " SS_VERSION, "node", node,
			 "created", iso, "by", ask->by, "why", ask->why, "subject", "id", ask->id.p,
			 ask->id.n, "title", json_object_get(tree, "zh"), "title_en",
			 json_object_get(tree, "en"), "discloses",
			 "所列设备的报文全文（含口令 PW），其余条目只有摘要 frames of the devices "
			 "listed in full "
			 "(with passwords), of all other entries digests only",
			 "members", list);
}

static int sign(struct ss_journal *j, const char *node, struct ss_str manifest, struct ss_buf *sig,
		struct ss_error *err)
{
	char msg[160], hex[65] = {0};
	uint8_t digest[32], der[80];
	size_t n = 0;
	int len, r = ss_sm3(manifest.p, manifest.n, digest);

	ss_hex_encode(hex, digest, 32);
	len = snprintf(msg, sizeof(msg), "%s shanshui-evidence-1 %s", node, hex);
	if (r >= 0)
		r = ss_journal_sign(j, msg, (size_t)len, der, &n, err);
	for (size_t i = 0; i < n && r >= 0; i++)
		ss_buf_addf(sig, "%02x", der[i]);
	ss_buf_addc(sig, '\n');
	return r < 0 ? r : sig->err;
}

static int finish(struct ss_journal *j, const struct ss_evidence_ask *ask, const char *node,
		  const json_t *tree, struct pack *k, int out, struct ss_evidence_made *ret,
		  struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(SS_EVIDENCE_MAX),
					      sig = SS_BUF_MAX(1024);
	json_t *m;
	int r;

	sse_pack_sort(k);
	m = manifest_of(ask, node, tree, k);
	r = m ? ss_json_canonical(&text, m) : SS_ENOMEM;
	json_decref(m);
	ss_buf_addc(&text, '\n');
	if (r >= 0)
		r = sign(j, node, ss_buf_str(&text), &sig, err);
	return r < 0 ? r : sse_pack_write(k, ss_buf_str(&text), ss_buf_str(&sig), out, ret);
}

struct work {
	struct ss_figures *f;
	const struct ss_figures_parts *p;
	const struct ss_evidence_ask *ask;
	struct collected c;
	struct pack k;
	struct told_tips tips;
	json_t *again;
	char node[33];
};

static int fill(struct work *w, const json_t *tree, int out, struct ss_evidence_made *ret,
		struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf page = SS_BUF_MAX(SS_EVIDENCE_MAX);
	char *pem = NULL;
	uint8_t id[16];
	int r = sse_pack_open(&w->k, w->ask->folder);

	if (r >= 0)
		r = sse_collect(w->p, tree, &w->c, err);
	if (r >= 0)
		r = sse_prove(w->p->journal, &w->c, w->ask->wait_us, &w->k, &w->tips, err);
	if (r >= 0)
		r = put_data(&w->k, &w->c, tree, w->again);
	if (r >= 0)
		r = ss_journal_node(w->p->journal, &pem, id);
	free(pem);
	if (r < 0)
		return r;
	ss_hex_encode(w->node, id, 16);
	w->node[32] = 0;
	sse_pack_sort(&w->k);
	r = sse_index(w->ask, w->node, tree, &w->c, &w->tips, w->again, &w->k, &page);
	if (r >= 0)
		r = sse_pack_add(&w->k, "index.html", ss_buf_str(&page));
	return r < 0 ? r : finish(w->p->journal, w->ask, w->node, tree, &w->k, out, ret, err);
}

int ss_evidence_export(struct ss_figures *f, const struct ss_evidence_ask *ask, int out,
		       struct ss_evidence_made *ret, struct ss_error *err)
{
	struct work w = {.f = f,
			 .p = ss_figures_parts(f),
			 .ask = ask,
			 .k = {.fd = {-1, -1}},
			 .tips = {.first = json_array()}};
	json_t *tree = NULL;
	int r = ss_explain(f, ask->id, 0, &tree, err);

	if (r >= 0 && json_is_true(json_object_get(tree, "truncated")))
		r = ss_error_set(
		    err, SS_ETOOBIG,
		    "背后的条目超过 %d，请分时段导出；more than %d things stand behind "
		    "it, export shorter times",
		    SS_EXPLAIN_NODES, SS_EXPLAIN_NODES);
	if (r >= 0) {
		w.again = again_of(f, ask->id);
		r = fill(&w, tree, out, ret, err);
		sse_collected_done(&w.c);
	}
	if (r < 0 && err && !err->code)
		ss_error_set(err, r, "证据包做不成：%s；the package cannot be made: %s",
			     ss_err_zh(r), ss_err_en(r));
	sse_pack_done(&w.k);
	json_decref(w.tips.first);
	json_decref(w.again);
	json_decref(tree);
	return r < 0 ? r : 0;
}

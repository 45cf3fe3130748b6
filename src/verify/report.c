/* What was found, for people (Chinese first) and for programs. */
#include <stdio.h>
#include <string.h>

#include "verify.h"

void sv_break(struct sv_report *r, const char *where, uint64_t group, uint64_t seq, const char *zh,
	      const char *en)
{
	struct sv_broken *b;

	if (r->broken_n < SV_BROKEN_MAX) {
		b = &r->broken[r->broken_n];
		*b = (struct sv_broken){.group = group, .seq = seq, .zh = zh, .en = en};
		snprintf(b->where, sizeof(b->where), "%s", where);
	}
	r->broken_n++;
}

enum sv_verdict sv_verdict(const struct sv_report *r)
{
	return r->broken_n ? SV_BROKEN : r->anchors_given ? SV_GOOD : SV_UNANCHORED;
}

static const char *const verdict_key[] = {"good", "unanchored", "broken"};
static const char *const verdict_zh[] = {
    "完好，且在所给锚点之下", "包内一致，但没有对照锚点：不能排除整条链被重建", "不可采信：有断裂"};
static const char *const verdict_en[] = {
    "good, held by the anchors given",
    "whole in itself, but compared with no anchor: the chain may have been made anew",
    "broken, do not rely on it"};

void sv_print_text(const struct sv_report *r)
{
	enum sv_verdict v = sv_verdict(r);
	size_t n = r->broken_n < SV_BROKEN_MAX ? r->broken_n : SV_BROKEN_MAX;

	printf("结论 verdict   %s\n               %s\n", verdict_zh[v], verdict_en[v]);
	if (r->subject[0])
		printf("对象 subject   %s\n", r->subject);
	if (r->node[0])
		printf("节点 node      %s，制作于 made at %s\n", r->node, r->created);
	for (size_t i = 0; i < n; i++) {
		const struct sv_broken *b = &r->broken[i];

		printf("断裂 broken    %s", b->where);
		if (b->group)
			printf(" 组 group %llu", (unsigned long long)b->group);
		if (b->seq)
			printf(" 条 entry %llu", (unsigned long long)b->seq);
		printf("\n               %s\n               %s\n", b->zh, b->en);
	}
	if (r->broken_n > n)
		printf("               另有 %zu 处 more\n", r->broken_n - n);
	printf("成员 members   %zu\n组与条 groups  %zu 组 groups，出示 shown %zu 条（其中人的操作 "
	       "acts "
	       "%zu），只给摘要 digests only %zu 条\n",
	       r->members, r->groups, r->frames, r->acts, r->entries_hidden);
	printf("锚点 tips      %zu，用到组 used up to group %llu", r->tips,
	       (unsigned long long)r->last_used);
	if (r->anchored_to)
		printf("，锚住到组 held up to group %llu", (unsigned long long)r->anchored_to);
	printf("\n观测 values    %zu 个从报文字节重新解出一致 read again from the bytes",
	       r->observations);
	if (r->unread)
		printf("，%zu 个不是明文报文只证字节 bytes only", r->unread);
	if (r->noted)
		printf("，%zu 个收到时已记 CRC 有误 received with a fault that was noted",
		       r->noted);
	printf("；均值 means %zu 个重算一致 worked out again\n", r->rollups);
}

static void json_text(const char *key, const char *text)
{
	printf("\"%s\":\"", key);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

void sv_print_json(const struct sv_report *r)
{
	size_t n = r->broken_n < SV_BROKEN_MAX ? r->broken_n : SV_BROKEN_MAX;

	printf("{\"verdict\":\"%s\",", verdict_key[sv_verdict(r)]);
	json_text("subject", r->subject);
	putchar(',');
	json_text("node", r->node);
	putchar(',');
	json_text("created", r->created);
	printf(",\"broken_total\":%zu,\"broken\":[", r->broken_n);
	for (size_t i = 0; i < n; i++) {
		const struct sv_broken *b = &r->broken[i];

		printf("%s{", i ? "," : "");
		json_text("where", b->where);
		printf(",\"group\":%llu,\"seq\":%llu,", (unsigned long long)b->group,
		       (unsigned long long)b->seq);
		json_text("zh", b->zh);
		putchar(',');
		json_text("en", b->en);
		putchar('}');
	}
	printf("],\"members\":%zu,\"groups\":%zu,\"shown\":%zu,\"acts\":%zu,\"hidden\":%zu,"
	       "\"tips\":%zu,\"used_to\":%llu,\"anchored_to\":%llu,\"values\":%zu,"
	       "\"values_unread\":%zu,\"values_noted\":%zu,\"means\":%zu}\n",
	       r->members, r->groups, r->frames, r->acts, r->entries_hidden, r->tips,
	       (unsigned long long)r->last_used, (unsigned long long)r->anchored_to,
	       r->observations, r->unread, r->noted, r->rollups);
}

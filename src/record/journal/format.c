/* Bytes on disk: segment header, group header, entry. docs/internals/journal-format.md is the law.
 */
#include "record/journal/journal_internal.h"

static const char segment_magic[8] = {'S', 'S', 'J', 'R', 'A', 'W', '1', '\n'};
static const char group_magic[4] = {'S', 'S', 'G', '1'};

void ssj_head_put(uint8_t out[SSJ_SEGMENT_HEAD], const struct ssj_head *h)
{
	memset(out, 0, SSJ_SEGMENT_HEAD);
	memcpy(out, segment_magic, 8);
	ssj_le(out + 8, SSJ_VERSION, 4);
	ssj_le(out + 12, SSJ_SEGMENT_HEAD, 4);
	ssj_le(out + 16, h->number, 8);
	ssj_le(out + 24, h->first_group, 8);
	ssj_le(out + 32, h->first_seq, 8);
	ssj_le(out + 40, (uint64_t)h->time_us, 8);
	memcpy(out + 48, h->node, 16);
	ssj_le(out + 64, h->salt, 8);
	ssj_le(out + 72, h->prev_group, 8);
	memcpy(out + 80, h->prev_chain, 32);
	ssj_le(out + 252, ss_crc32c(0, out, 252), 4);
}

int ssj_head_get(const uint8_t in[SSJ_SEGMENT_HEAD], struct ssj_head *ret)
{
	struct ssj_head h;

	if (memcmp(in, segment_magic, 8) != 0 || ssj_ld(in + 252, 4) != ss_crc32c(0, in, 252))
		return SS_ECORRUPT;
	if (ssj_ld(in + 8, 4) != SSJ_VERSION || ssj_ld(in + 12, 4) != SSJ_SEGMENT_HEAD)
		return SS_EVERSION;
	h.number = ssj_ld(in + 16, 8);
	h.first_group = ssj_ld(in + 24, 8);
	h.first_seq = ssj_ld(in + 32, 8);
	h.time_us = (int64_t)ssj_ld(in + 40, 8);
	memcpy(h.node, in + 48, 16);
	h.salt = ssj_ld(in + 64, 8);
	h.prev_group = ssj_ld(in + 72, 8);
	memcpy(h.prev_chain, in + 80, 32);
	if (h.first_group == 0 || h.first_seq == 0 || h.first_group > SSJ_NUMBER_MAX ||
	    h.first_seq > SSJ_NUMBER_MAX || h.prev_group >= h.first_group)
		return SS_ECORRUPT;
	*ret = h;
	return 0;
}

void ssj_group_put(uint8_t out[SSJ_GROUP_HEAD], uint64_t salt, const struct ssj_group *g)
{
	memcpy(out, group_magic, 4);
	memset(out + 4, 0, 4);
	ssj_le(out + 8, salt, 8);
	ssj_le(out + 16, g->number, 8);
	ssj_le(out + 24, g->first_seq, 8);
	ssj_le(out + 32, (uint64_t)g->time_us, 8);
	ssj_le(out + 40, g->count, 4);
	ssj_le(out + 44, g->bytes, 4);
	ssj_le(out + 48, g->number - g->batch, 4);
	memset(out + 52, 0, 4);
}

void ssj_group_seal(uint8_t head[SSJ_GROUP_HEAD], const struct iovec *body, int count)
{
	uint32_t crc = ss_crc32c(0, head + 8, SSJ_GROUP_HEAD - 8);

	for (int i = 0; i < count; i++)
		crc = ss_crc32c(crc, body[i].iov_base, body[i].iov_len);
	ssj_le(head + 4, crc, 4);
}

int ssj_group_get(const uint8_t *in, uint64_t salt, const uint8_t *body, struct ssj_group *ret)
{
	struct ssj_group g;
	uint64_t back;

	if (memcmp(in, group_magic, 4) != 0 || ssj_ld(in + 8, 8) != salt || ssj_ld(in + 52, 4) != 0)
		return SS_ECORRUPT;
	g.number = ssj_ld(in + 16, 8);
	g.first_seq = ssj_ld(in + 24, 8);
	g.time_us = (int64_t)ssj_ld(in + 32, 8);
	g.count = (uint32_t)ssj_ld(in + 40, 4);
	g.bytes = (uint32_t)ssj_ld(in + 44, 4);
	back = ssj_ld(in + 48, 4);
	if (g.number == 0 || g.number > SSJ_NUMBER_MAX || g.first_seq > SSJ_NUMBER_MAX ||
	    back >= g.number || g.count == 0 || g.bytes > SSJ_GROUP_MAX ||
	    (uint64_t)g.count * SSJ_ENTRY_HEAD > g.bytes)
		return SS_ECORRUPT;
	g.batch = g.number - back;
	if (body) {
		uint32_t crc = ss_crc32c(0, in + 8, SSJ_GROUP_HEAD - 8);

		if (ss_crc32c(crc, body, g.bytes) != ssj_ld(in + 4, 4))
			return SS_ECORRUPT;
	}
	*ret = g;
	return 0;
}

void ssj_entry_put(uint8_t *out, const struct ss_entry *e)
{
	out[0] = (uint8_t)e->kind;
	out[1] = e->verdict;
	out[2] = (uint8_t)e->source.n;
	out[3] = 0;
	ssj_le(out + 4, e->faults, 4);
	ssj_le(out + 8, (uint64_t)e->arrived_us, 8);
	ssj_le(out + 16, e->body.n, 4);
	if (e->source.n)
		memcpy(out + SSJ_ENTRY_HEAD, e->source.p, e->source.n);
	if (e->body.n)
		memcpy(out + SSJ_ENTRY_HEAD + e->source.n, e->body.p, e->body.n);
}

int ssj_entry_get(const uint8_t **p, const uint8_t *end, struct ss_entry *ret)
{
	const uint8_t *in = *p;
	size_t source_n, body_n;

	if ((size_t)(end - in) < SSJ_ENTRY_HEAD)
		return SS_ECORRUPT;
	source_n = in[2];
	body_n = (size_t)ssj_ld(in + 16, 4);
	if (in[3] != 0 || body_n > SSJ_ENTRY_MAX ||
	    source_n + body_n > (size_t)(end - in) - SSJ_ENTRY_HEAD)
		return SS_ECORRUPT;
	*ret = (struct ss_entry){
	    .kind = (enum ss_entry_kind)in[0],
	    .verdict = in[1],
	    .faults = (uint32_t)ssj_ld(in + 4, 4),
	    .arrived_us = (int64_t)ssj_ld(in + 8, 8),
	    .source = {(const char *)in + SSJ_ENTRY_HEAD, source_n},
	    .body = {(const char *)in + SSJ_ENTRY_HEAD + source_n, body_n},
	};
	*p = in + SSJ_ENTRY_HEAD + source_n + body_n;
	return 0;
}

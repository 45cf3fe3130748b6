/* Names of files, the table of segments, and the index marks of raw segments. */
#include <dirent.h>
#include <fcntl.h>

#include "record/journal/journal_internal.h"

void ssj_path(char out[SSJ_PATH], const char *dir, uint64_t number, const char *ext)
{
	snprintf(out, SSJ_PATH, "%s/segment-%010llu.%s", dir, (unsigned long long)number, ext);
}

void ssj_file(char out[SSJ_PATH], const char *dir, const char *name)
{
	snprintf(out, SSJ_PATH, "%.*s/%s", SSJ_PATH - 64, dir, name); /* open refused longer ones */
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The number in "segment-0000000007.raw"; 0 when the name is not of that form. */
static uint64_t number_of(const char *name, const char *ext)
{
	struct ss_str s = ss_str_of(name);
	struct ss_str e = ss_str_of(ext);
	uint64_t v;

	if (s.n != 8 + 10 + 1 + e.n || !ss_str_starts(s, SS_STR("segment-")) || s.p[18] != '.' ||
	    !ss_str_ends(s, e))
		return 0;
	return ss_parse_u64(ss_str_n(s.p + 8, 10), &v) < 0 ? 0 : v;
}

int ssj_scan_dir(const char *dir, const char *ext, uint64_t **ret, size_t *ret_n)
{
	uint64_t *list = NULL;
	size_t n = 0, cap = 0;
	struct dirent *e;
	DIR *d = opendir(dir);
	int r = 0;

	if (!d)
		return SS_EIO;
	while ((e = readdir(d))) {
		uint64_t v = number_of(e->d_name, ext);

		if (!v)
			continue;
		r = ss_grow(&list, &cap, n + 1, sizeof(*list));
		if (r < 0)
			break;
		list[n++] = v;
	}
	closedir(d);
	if (r < 0) {
		free(list);
		return r;
	}
	ss_sort(list, n, sizeof(*list), compare);
	*ret = list;
	*ret_n = n;
	return 0;
}

struct ssj_segment *ssj_segment_new(uint64_t number)
{
	struct ssj_segment *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->refs = 1;
	s->number = number;
	s->fd = -1;
	s->max_time = INT64_MIN;
	return s;
}

void ssj_segment_free(struct ssj_segment *s)
{
	if (s->fd >= 0)
		ss_os()->close(s->fd);
	free(s->marks);
	free(s->chains);
	free(s);
}

void ssj_segment_ref(struct ssj_segment *s)
{
	s->refs++;
}

void ssj_segment_unref(struct ss_journal *j, struct ssj_segment *s)
{
	int left;

	if (!s)
		return;
	pthread_mutex_lock(&j->lock);
	left = --s->refs;
	pthread_mutex_unlock(&j->lock);
	if (!left)
		ssj_segment_free(s);
}

int ssj_table_add(struct ss_journal *j, struct ssj_segment *s)
{
	int r;

	r = ss_grow(&j->seg, &j->seg_cap, j->seg_n + 1, sizeof(struct ssj_segment *));
	if (r < 0)
		return r;
	j->seg[j->seg_n++] = s;
	return 0;
}

/* The last segment whose first group (or seq) is not above v, unless it ends before v and another
 * follows. Empty ones at the end are passed over by the caller's walk. */
static struct ssj_segment *find(struct ss_journal *j, uint64_t v, bool by_seq)
{
	size_t lo = 0, hi = j->seg_n;
	struct ssj_segment *s;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		uint64_t first = by_seq ? j->seg[mid]->first_seq : j->seg[mid]->first_group;

		if (first <= v)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0)
		return j->seg_n ? j->seg[0] : NULL;
	s = j->seg[lo - 1];
	if (v > (by_seq ? s->last_seq : s->last_group) && lo < j->seg_n)
		s = j->seg[lo];
	return s;
}

static struct ssj_segment *find_locked(struct ss_journal *j, uint64_t v, bool by_seq)
{
	SS_LOCKED(&j->lock);
	struct ssj_segment *s = find(j, v, by_seq);

	if (s)
		ssj_segment_ref(s);
	return s;
}

struct ssj_segment *ssj_table_group(struct ss_journal *j, uint64_t group)
{
	return find_locked(j, group, false);
}

struct ssj_segment *ssj_table_seq(struct ss_journal *j, uint64_t seq)
{
	return find_locked(j, seq, true);
}

int ssj_mark_add(struct ssj_segment *s, const struct ssj_group *g, int64_t at)
{
	struct ssj_mark *last = s->mark_n ? &s->marks[s->mark_n - 1] : NULL;
	int r;

	if (g->time_us > s->max_time)
		s->max_time = g->time_us;
	s->last_group = g->number;
	s->last_seq = g->first_seq + g->count - 1;
	if (last && at - last->at < SSJ_MARK_EVERY) {
		if (g->time_us > last->max_time)
			last->max_time = g->time_us;
		return 0;
	}
	r = ss_grow(&s->marks, &s->mark_cap, s->mark_n + 1, sizeof(*s->marks));
	if (r < 0)
		return r;
	s->marks[s->mark_n++] = (struct ssj_mark){g->number, g->first_seq, at, g->time_us};
	return 0;
}

int ssj_chain_mark_add(struct ssj_segment *s, uint64_t group, const uint8_t chain[32])
{
	int r;

	r = ss_grow(&s->chains, &s->chain_cap, s->chain_n + 1, sizeof(*s->chains));
	if (r < 0)
		return r;
	s->chains[s->chain_n].group = group;
	memcpy(s->chains[s->chain_n].chain, chain, 32);
	s->chain_n++;
	return 0;
}

static int open_raw(struct ssj_segment *s, const char *path, bool write, struct ss_error *err)
{
	const struct ss_os *os = ss_os();
	uint8_t raw[SSJ_SEGMENT_HEAD];
	int64_t n;
	int r;

	s->fd = os->open(path, write ? O_RDWR : O_RDONLY, 0);
	if (s->fd < 0)
		return ss_error_set(err, s->fd, "打不开日志段 cannot open segment %s", path);
	n = os->pread(s->fd, raw, sizeof(raw), 0);
	if (n < 0)
		return ss_error_set(err, (int)n, "读不了日志段 cannot read segment %s", path);
	r = n < (int64_t)sizeof(raw) ? SS_ECORRUPT : ssj_head_get(raw, &s->head);
	if (r < 0)
		return ss_error_set(
		    err, r,
		    "日志段 segment %llu 偏移 offset 0: 段头损坏 segment header damaged (%s)",
		    (unsigned long long)s->number, path);
	if (s->head.number != s->number)
		return ss_error_set(err, SS_ECORRUPT,
				    "日志段 segment %llu 偏移 offset 16: 段头写的是第 %llu 段 "
				    "header says segment %llu",
				    (unsigned long long)s->number,
				    (unsigned long long)s->head.number,
				    (unsigned long long)s->head.number);
	n = os->size(s->fd);
	if (n < 0)
		return ss_error_set(err, (int)n, "读不了日志段 cannot read segment %s", path);
	s->file_bytes = n;
	return 0;
}

int ssj_segment_open_raw(const char *dir, uint64_t number, bool write, struct ssj_segment **ret,
			 struct ss_error *err)
{
	struct ssj_segment *s = ssj_segment_new(number);
	char path[SSJ_PATH];
	int r;

	if (!s)
		return ss_error_set(err, SS_ENOMEM, "内存不足 out of memory");
	ssj_path(path, dir, number, "raw");
	r = open_raw(s, path, write, err);
	if (r < 0) {
		ssj_segment_free(s);
		return r;
	}
	s->first_group = s->head.first_group;
	s->first_seq = s->head.first_seq;
	s->last_group = s->first_group - 1;
	s->last_seq = s->first_seq - 1;
	s->end = SSJ_SEGMENT_HEAD;
	*ret = s;
	return 0;
}

#include "cmd/module_seed.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "base/os.h"
#include "base/time.h"
#include "cmd/client.h"

#define FILE_MAX (64 << 20)

struct story {
	const char *server, *dir, *module;
	int64_t now_us;
	json_t *kept; /* name -> text */
	int line, done;
};

/* --- moments -------------------------------------------------------------------------------- */

static int64_t unit_of(char c)
{
	return c == 's'   ? SS_US_PER_SEC
	       : c == 'm' ? SS_US_PER_MIN
	       : c == 'h' ? SS_US_PER_HOUR
	       : c == 'd' ? SS_US_PER_DAY
			  : 0;
}

/* "now", "now-35m", "now+2h"; to the minute. */
static bool now_of(struct ss_str s, int64_t now_us, int64_t *ret)
{
	int64_t n, unit;

	if (!ss_str_starts(s, SS_STR("now")))
		return false;
	now_us -= now_us % SS_US_PER_MIN;
	s = ss_str_n(s.p + 3, s.n - 3);
	if (s.n == 0) {
		*ret = now_us;
		return true;
	}
	unit = unit_of(s.p[s.n - 1]);
	if (s.n < 3 || !unit || (s.p[0] != '+' && s.p[0] != '-') ||
	    ss_parse_i64(ss_str_n(s.p + 1, s.n - 2), &n) < 0 || n < 0 || n > 100000)
		return false;
	*ret = now_us + (s.p[0] == '-' ? -n : n) * unit;
	return true;
}

/* "day 08:00", "day+1 20:00": a time of the city's day. */
static bool day_of(struct ss_str s, int64_t now_us, int64_t *ret)
{
	struct ss_str days = s, h, m;
	int64_t n = 0, hour, minute;

	if (!ss_str_starts(s, SS_STR("day")) || !ss_str_split(&s, ' ', &days) ||
	    !ss_str_split(&s, ':', &h) || !ss_str_split(&s, ':', &m) || s.n)
		return false;
	days = ss_str_n(days.p + 3, days.n - 3);
	if (days.n && (days.n < 2 || (days.p[0] != '+' && days.p[0] != '-') ||
		       ss_parse_i64(ss_str_n(days.p + 1, days.n - 1), &n) < 0 || n > 1000))
		return false;
	if (ss_parse_i64(h, &hour) < 0 || ss_parse_i64(m, &minute) < 0 || hour < 0 || hour > 23 ||
	    minute < 0 || minute > 59)
		return false;
	n = days.n && days.p[0] == '-' ? -n : n;
	*ret = ss_day_start(ss_day_of(now_us) + n) + hour * SS_US_PER_HOUR + minute * SS_US_PER_MIN;
	return true;
}

static int put_word(struct ss_str w, int64_t now_us, const json_t *kept, struct ss_buf *out,
		    struct ss_error *err)
{
	char iso[SS_TIME_ISO], name[64];
	const char *z;
	int64_t t;

	if (now_of(w, now_us, &t) || day_of(w, now_us, &t))
		return ss_buf_add(out, iso, ss_time_fmt_iso(iso, t));
	ss_str_copy(name, sizeof(name), w);
	z = json_string_value(json_object_get(kept, name));
	return z ? ss_buf_addz(out, z)
		 : ss_error_set(err, SS_EPARSE,
				"{{%s}} 不是时刻，也没有记下过 is no moment, nor was it kept",
				name);
}

int ss_seed_text(struct ss_str text, int64_t now_us, const json_t *kept, struct ss_buf *out,
		 struct ss_error *err)
{
	int r = 0;

	while (r == 0) {
		ptrdiff_t at = ss_str_find(text, SS_STR("{{")), end;
		struct ss_str rest;

		if (at < 0)
			break;
		rest = ss_str_n(text.p + at + 2, text.n - (size_t)at - 2);
		end = ss_str_find(rest, SS_STR("}}"));
		if (end < 0)
			break;
		ss_buf_add(out, text.p, (size_t)at);
		r = put_word(ss_str_n(rest.p, (size_t)end), now_us, kept, out, err);
		text = ss_str_n(rest.p + end + 2, rest.n - (size_t)end - 2);
	}
	if (r == 0)
		ss_buf_adds(out, text);
	return r < 0 ? r : out->err;
}

/* --- asking --------------------------------------------------------------------------------- */

static int failed(const struct ss_error *e, int r)
{
	fprintf(stderr, "%s\n", e->text[0] ? e->text : ss_err_zh(r));
	return r < 0 ? r : SS_EINVAL;
}

static int read_file(const struct story *s, const char *file, struct ss_buf *out)
{
	struct ss_error err = {0};
	char path[1200];
	int r;

	snprintf(path, sizeof(path), "%s/%s/%s", s->dir, s->module, file);
	r = ss_file_read(path, out);
	return r < 0 ? failed(&err, ss_error_set(&err, r, "%s：%s", path, ss_err_zh(r))) : 0;
}

/* The answer as an object (json_decref), or a refusal that was said. */
static int ask(const struct story *s, const char *method, const char *path, const char *type,
	       struct ss_str body, json_t **ret)
{
	ss_cleanup(ss_buf_done) struct ss_buf answer = SS_BUF_MAX(8 << 20);
	struct ss_error err = {0};
	long status = ss_client(method, s->server, path, type, body, &answer, &err);

	if (status < 0)
		return failed(&err, (int)status);
	*ret = ss_client_object(status, &answer);
	return *ret ? 0 : SS_EINVAL;
}

/* A list of the server that holds anything. */
static int any(const struct story *s, const char *path, bool *ret)
{
	json_t *answer = NULL;
	int r = ask(s, "GET", path, NULL, SS_STR(""), &answer);

	*ret = r == 0 && json_array_size(json_object_get(answer, "items")) > 0;
	json_decref(answer);
	return r;
}

/* --- a table -------------------------------------------------------------------------------- */

static int table(struct story *s, const char *type, const char *file)
{
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(FILE_MAX),
					      told = SS_BUF_MAX(FILE_MAX);
	struct ss_error err = {0};
	char target[200];
	json_t *v = NULL;
	int r = read_file(s, file, &text);

	if (r == 0)
		r = ss_seed_text(ss_buf_str(&text), s->now_us, NULL, &told, &err);
	if (r < 0)
		return failed(&err, r);
	snprintf(target, sizeof(target), "/api/v1/things/%s/import", type);
	r = ask(s, "POST", target, "text/csv", ss_buf_str(&told), &v);
	if (r < 0)
		return r;
	r = json_integer_value(json_object_get(v, "refused")) > 0 ? SS_EINVAL : 0;
	printf("  %-18s 新建 created %lld，改 changed %lld，同 same %lld，拒绝 refused %lld\n",
	       type, json_integer_value(json_object_get(v, "created")),
	       json_integer_value(json_object_get(v, "changed")),
	       json_integer_value(json_object_get(v, "same")),
	       json_integer_value(json_object_get(v, "refused")));
	json_decref(v);
	return r;
}

/* --- a story: one request a line -------------------------------------------------------------- */

/* "fields.event" or "items.0.id" of an answer. */
static const json_t *member(const json_t *v, const char *path)
{
	struct ss_str rest = ss_str_of(path), one;
	char name[64];

	while (v && ss_str_split(&rest, '.', &one)) {
		ss_str_copy(name, sizeof(name), one);
		v = json_is_array(v) ? json_array_get(v, strtoul(name, NULL, 10))
				     : json_object_get(v, name);
	}
	return v;
}

static int keep(struct story *s, const json_t *names, const json_t *answer)
{
	const char *name;
	json_t *path;

	json_object_foreach((json_t *)names, name, path)
	{
		const json_t *x = member(answer, json_string_value(path));

		if (!json_is_string(x))
			return fprintf(stderr, "答复里没有 no %s in the answer\n",
				       json_string_value(path)),
			       SS_EPARSE;
		json_object_set(s->kept, name, (json_t *)x);
	}
	return 0;
}

static const char *content_type(const char *file)
{
	static const char *const types[][2] = {
	    {".png", "image/png"}, {".jpg", "image/jpeg"}, {".pdf", "application/pdf"}};

	for (size_t i = 0; i < SS_ARRAY_LEN(types); i++)
		if (ss_str_ends(ss_str_of(file), ss_str_of(types[i][0])))
			return types[i][1];
	return "text/plain";
}

/* The trace tells when an act was done, which is now: of a case that is only told, it says so. */
static void told_note(const char *post, json_t *body)
{
	size_t n = strlen(post);

	if (strncmp(post, "/api/v1/cases/", 14) == 0 &&
	    (n < 6 || strcmp(post + n - 6, "/files") != 0) && json_is_object(body) &&
	    !json_object_get(body, "note"))
		json_object_set_new(body, "note",
				    json_string("演示案件：装入时一次办完，时刻是装入的时刻；demo "
						"case, done while it was loaded"));
}

static int step(struct story *s, const json_t *line)
{
	ss_cleanup(ss_buf_done) struct ss_buf body = SS_BUF_MAX(FILE_MAX);
	const char *post = json_string_value(json_object_get(line, "post")),
		   *get = json_string_value(json_object_get(line, "get")),
		   *file = json_string_value(json_object_get(line, "file"));
	const char *type = !post ? NULL : file ? content_type(file) : "application/json";
	json_t *answer = NULL;
	int r = 0;

	if (post)
		told_note(post, json_object_get(line, "body"));
	if (post && file)
		r = read_file(s, file, &body);
	else if (post)
		r = ss_json_canonical(&body, json_object_get(line, "body"));
	if (r == 0)
		r = ask(s, post ? "POST" : "GET",
			post  ? post
			: get ? get
			      : "/",
			type, ss_buf_str(&body), &answer);
	if (r == 0)
		r = keep(s, json_object_get(line, "keep"), answer);
	json_decref(answer);
	s->done += r == 0;
	return r;
}

static int tell_line(struct story *s, struct ss_str line, bool *ret_told)
{
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(1 << 20);
	struct ss_error err = {0};
	json_t *v = NULL;
	const char *unless;
	int r = ss_seed_text(line, s->now_us, s->kept, &text, &err);

	if (r == 0)
		r = ss_json_parse(ss_buf_str(&text), &v, &err);
	if (r < 0)
		return failed(&err, r);
	unless = json_string_value(json_object_get(v, "unless"));
	/* A story that was told is not told again. */
	r = unless ? any(s, unless, ret_told) : step(s, v);
	json_decref(v);
	return r;
}

static int story(struct story *s, const char *file)
{
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(FILE_MAX);
	struct ss_str rest, line;
	bool told = false;
	int r = read_file(s, file, &text);

	rest = ss_buf_str(&text);
	s->kept = json_object();
	while (r == 0 && !told && ss_str_split(&rest, '\n', &line)) {
		s->line++;
		line = ss_str_trim(line);
		if (line.n)
			r = tell_line(s, line, &told);
	}
	json_decref(s->kept);
	if (r < 0)
		fprintf(stderr, "%s/%s:%d 没有做成 was not done\n", s->module, file, s->line);
	else
		printf("  %-18s %s，%d 步 steps\n", file, told ? "已有 there" : "讲完 told",
		       s->done);
	return r;
}

/* Records of the demo have no numbers to be known again by: where there are any, they stay. */
static int demo_table(struct story *s, const char *type, const char *file)
{
	char path[200];
	bool there;
	int r;

	snprintf(path, sizeof(path), "/api/v1/things/%s?limit=1", type);
	r = any(s, path, &there);
	if (r == 0 && there)
		printf("  %-18s 已有 there\n", type);
	return r < 0 || there ? r : table(s, type, file);
}

int ss_module_seed(const char *server, const char *dir, const json_t *seed)
{
	struct story s = {.server = server,
			  .dir = dir,
			  .module = json_string_value(json_object_get(seed, "module")),
			  .now_us = ss_time_now()};
	const char *type = json_string_value(json_object_get(seed, "type")),
		   *file = json_string_value(json_object_get(seed, "data"));

	if (!type)
		return story(&s, file) < 0;
	return (json_is_true(json_object_get(seed, "demo")) ? demo_table(&s, type, file)
							    : table(&s, type, file)) < 0;
}

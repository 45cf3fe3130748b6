/* Any bytes as a configuration file: read or refused with a whole text that names the line; what
 * was read is printed and reads back to the same values. */
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/config.h"
#include "base/os.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct settings {
	const char *text;
	int64_t number;
	bool on;
	int64_t size;
	int64_t time;
	const char *choice;
};

#define FIELD(f) offsetof(struct settings, f)
static const struct ss_option rows[] = {
    {.name = "text",
     .type = SS_OPT_STRING,
     .offset = FIELD(text),
     .def = "",
     .zh = "文字",
     .en = "text"},
    {.name = "number",
     .type = SS_OPT_INT,
     .offset = FIELD(number),
     .def = "0",
     .min = -100,
     .max = 100},
    {.name = "on", .type = SS_OPT_BOOL, .offset = FIELD(on), .def = "no"},
    {.name = "size", .type = SS_OPT_SIZE, .offset = FIELD(size), .def = "1k"},
    {.name = "time", .type = SS_OPT_DURATION, .offset = FIELD(time), .def = "1s"},
    {.name = "choice",
     .type = SS_OPT_ENUM,
     .offset = FIELD(choice),
     .def = "a",
     .choices = "a|b|c"},
    {.name = NULL},
};

static struct ss_str served; /* what the file holds */

static int serve_open(const char *path, int flags, int mode)
{
	(void)path, (void)flags, (void)mode;
	return 1000000;
}

static int serve_close(int fd)
{
	(void)fd;
	return 0;
}

static int64_t serve_pread(int fd, void *p, size_t n, int64_t at)
{
	size_t rest = (size_t)at < served.n ? served.n - (size_t)at : 0;

	(void)fd;
	if (n > rest)
		n = rest;
	if (n)
		memcpy(p, served.p + at, n);
	return (int64_t)n;
}

static int read_into(struct settings *s, struct ss_str text, struct ss_buf *printed,
		     struct ss_error *err)
{
	struct ss_config *c = ss_config_new();
	int r;

	served = text;
	ss_assert(c && ss_config_add(c, rows, s) == 0);
	r = ss_config_file(c, "f", err);
	ss_buf_reset(printed);
	ss_assert(ss_config_print(c, printed) == 0);
	ss_config_free(c);
	return r;
}

static void check(struct ss_str text)
{
	struct ss_buf once = SS_BUF_MAX(1 << 22), twice = SS_BUF_MAX(1 << 22);
	struct ss_error err = {0};
	struct settings a, b;

	if (read_into(&a, text, &once, &err) < 0) {
		ss_assert(err.code < 0 && strstr(err.text, "f"));
	} else if (!memchr(once.p, '"',
			   once.n)) { /* a quote within a value has no form in a file */
		ss_assert(read_into(&b, ss_buf_str(&once), &twice, &err) == 0);
		ss_assert(a.number == b.number && a.on == b.on && a.size == b.size &&
			  a.time == b.time);
	}
	ss_buf_done(&once);
	ss_buf_done(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_os os = ss_os_real;

	os.open = serve_open;
	os.close = serve_close;
	os.pread = serve_pread;
	ss_os_set(&os);
	check(ss_str_n((const char *)data, size));
	ss_os_set(NULL);
	return 0;
}

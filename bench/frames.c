#include "bench/frames.h"

#define FACTORS 8

static const struct {
	const char *code;
	double mean;
	int decimals;
} factors[FACTORS] = {
    {"a21026", 18.0, 2}, {"a21002", 42.0, 2}, {"a34013", 4.6, 2},   {"a19001", 8.9, 2},
    {"a01011", 11.2, 1}, {"a01012", 86.0, 1}, {"a01013", -0.12, 3}, {"a01014", 9.3, 1},
};

struct device {
	char mn[25];
	char source[32];
	int64_t due_us, clock_off_us;
	double v[FACTORS];
};

struct bench_frames {
	uint64_t seed;
	int n, next;
	int64_t minute_us;
	struct device *d;
	char text[1024];
};

static uint64_t roll(struct bench_frames *f)
{
	uint64_t z = (f->seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static double unit(struct bench_frames *f)
{
	return (double)(roll(f) >> 11) * 0x1p-53;
}

static int by_due(const void *a, const void *b)
{
	const struct device *x = a, *y = b;

	return (x->due_us > y->due_us) - (x->due_us < y->due_us);
}

struct bench_frames *bench_frames_new(int devices, uint64_t seed, int64_t start_us)
{
	struct bench_frames *f = calloc(1, sizeof(*f));

	f->seed = seed;
	f->n = devices;
	f->minute_us = start_us / SS_US_PER_MIN * SS_US_PER_MIN;
	f->d = calloc((size_t)devices, sizeof(*f->d));
	for (int i = 0; i < devices; i++) {
		struct device *d = &f->d[i];

		snprintf(d->mn, sizeof(d->mn), "%016llX%08X", (unsigned long long)roll(f),
			 (unsigned)i);
		snprintf(d->source, sizeof(d->source), "tcp/10.%d.%d.%d:%d", (int)(roll(f) % 8),
			 (int)(roll(f) % 256), (int)(roll(f) % 256),
			 (int)(30000 + roll(f) % 30000));
		d->due_us = (int64_t)(roll(f) % (uint64_t)SS_US_PER_MIN);
		d->clock_off_us = (int64_t)(roll(f) % 4000000) - 2000000;
		for (int k = 0; k < FACTORS; k++)
			d->v[k] = factors[k].mean * (0.7 + 0.6 * unit(f));
	}
	ss_sort(f->d, (size_t)devices, sizeof(*f->d), by_due);
	return f;
}

void bench_frames_free(struct bench_frames *f)
{
	free(f->d);
	free(f);
}

static uint16_t crc(const char *p, int n)
{
	uint16_t c = 0xFFFF;

	for (int i = 0; i < n; i++) {
		c = (uint16_t)((c >> 8) ^ (uint8_t)p[i]);
		for (int b = 0; b < 8; b++)
			c = (uint16_t)(c & 1 ? (c >> 1) ^ 0xA001 : c >> 1);
	}
	return c;
}

/* Quantised, so that a quiet instrument repeats its value. */
static void walk(struct bench_frames *f, struct device *d, int k)
{
	double mean = factors[k].mean;

	d->v[k] +=
	    0.02 * (mean - d->v[k]) + 0.01 * mean * (unit(f) + unit(f) + unit(f) + unit(f) - 2.0);
}

void bench_frames_next(struct bench_frames *f, struct ss_str *ret_frame, struct ss_str *ret_source,
		       int64_t *ret_arrived_us)
{
	struct device *d = &f->d[f->next];
	int64_t jitter = (int64_t)(-20000.0 * (unit(f) + unit(f) - 1.0));
	int64_t at = f->minute_us + d->due_us + jitter;
	char qn[18], time[18];
	int n, body = 6;

	ss_time_fmt_compact(qn, at + d->clock_off_us, 17);
	ss_time_fmt_compact(time, f->minute_us, 14);
	n = snprintf(f->text + body, sizeof(f->text) - 6,
		     "QN=%s;ST=31;CN=2011;PW=123456;MN=%s;Flag=5;CP=&&DataTime=%s", qn, d->mn,
		     time);
	for (int k = 0; k < FACTORS; k++) {
		walk(f, d, k);
		n += snprintf(f->text + body + n, sizeof(f->text) - (size_t)(6 + n),
			      ";%s-Rtd=%.*f,%s-Flag=N", factors[k].code, factors[k].decimals,
			      d->v[k], factors[k].code);
	}
	n += snprintf(f->text + body + n, sizeof(f->text) - (size_t)(6 + n), "&&");
	{
		char head[12], tail[8];

		snprintf(head, sizeof(head), "##%04d", n % 10000);
		memcpy(f->text, head, 6);
		snprintf(tail, sizeof(tail), "%04X", crc(f->text + 6, n));
		memcpy(f->text + 6 + n, tail, 4);
	}
	*ret_frame = ss_str_n(f->text, (size_t)n + 10);
	*ret_source = ss_str_of(d->source);
	*ret_arrived_us = at + 3000 + (int64_t)(20000 * unit(f));
	if (++f->next == f->n) {
		f->next = 0;
		f->minute_us += SS_US_PER_MIN;
	}
}

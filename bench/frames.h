/* Realistic HJ 212-2017 frames for benchmarks: devices that report eight factors once a minute,
 * values as mean-reverting walks rounded to what instruments show, QN of the device's own clock.
 * Seeded: the same seed gives the same bytes. */
#pragma once

#include <stdint.h>

#include "base/base.h"

struct bench_frames;
struct bench_frames *bench_frames_new(int devices, uint64_t seed, int64_t start_us);
void bench_frames_free(struct bench_frames *f);
/* The next frame: from ## to the CRC. Valid until the next call. */
void bench_frames_next(struct bench_frames *f, struct ss_str *ret_frame, struct ss_str *ret_source,
		       int64_t *ret_arrived_us);

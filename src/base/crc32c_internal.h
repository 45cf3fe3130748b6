/* The way without the instruction, for the test that both give the same. After any ss_crc32c. */
#pragma once

#include <stddef.h>
#include <stdint.h>

uint32_t ss_crc32c_table(uint32_t crc, const void *p, size_t n);

/* base: what every room uses. Includes the parts that nearly all code needs; the rest
 * (config, crypto, json, log, map, os, thread) are included by name. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/list.h"
#include "base/num.h"
#include "base/str.h"
#include "base/time.h"

#include "base/banned.h"

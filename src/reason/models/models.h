/* Methods of assessment, one file each. Pure: the law's numbers and parameters come in as
 * arguments, in the unit of the value; nothing is read or kept. Thread: any. */
#pragma once

#include "reason/models/air.h"
#include "reason/models/decimal.h"
#include "reason/models/dispersion.h"
#include "reason/models/ecology.h"
#include "reason/models/economy.h"
#include "reason/models/emission.h"
#include "reason/models/noise.h"
#include "reason/models/river.h"
#include "reason/models/statistics.h"
#include "reason/models/water.h"

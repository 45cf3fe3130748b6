/* Functions that lose track of a length, a locale or a thread: using one is a compile error.
 * Included last by base.h. The system headers that declare them come first, on purpose. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SS_BANNED(fn) ss_this_function_is_banned_##fn
#undef strcpy
#define strcpy(a, b) SS_BANNED(strcpy)
#undef strcat
#define strcat(a, b) SS_BANNED(strcat)
#undef strncpy
#define strncpy(a, b, n) SS_BANNED(strncpy)
#undef strncat
#define strncat(a, b, n) SS_BANNED(strncat)
#undef sprintf
#define sprintf(...) SS_BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) SS_BANNED(vsprintf)
#undef strtok
#define strtok(a, b) SS_BANNED(strtok)
#undef qsort
#define qsort(a, b, c, d) SS_BANNED(qsort)
#undef atoi
#define atoi(a) SS_BANNED(atoi)
#undef atol
#define atol(a) SS_BANNED(atol)
#undef atof
#define atof(a) SS_BANNED(atof)
#undef gmtime
#define gmtime(a) SS_BANNED(gmtime)
#undef localtime
#define localtime(a) SS_BANNED(localtime)
#undef ctime
#define ctime(a) SS_BANNED(ctime)
#undef asctime
#define asctime(a) SS_BANNED(asctime)
#undef system
#define system(a) SS_BANNED(system)
#undef popen
#define popen(a, b) SS_BANNED(popen)

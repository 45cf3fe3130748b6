/* Inside of the store of files. */
#pragma once

#include "record/files/files.h"

#define SSFL_HEAD 512 /* first bytes that tell what a file is */

/* --- type.c: pure --- */

/* What the first bytes say; NULL: nothing known. */
const char *ssfl_sniff(struct ss_str head);
/* What the name says; NULL: an ending that is not taken. */
const char *ssfl_by_name(const char *name);
/* 0, or SS_EINVAL: name and content do not fit, or such content is refused. *ret is the type. */
int ssfl_check(const char *name, struct ss_str head, const char **ret, struct ss_error *err);
/* Looked for in all of a PDF, piece after piece: whether it is encrypted. */
struct ssfl_scan {
	char tail[16];
	size_t n;
	bool found;
};
void ssfl_scan(struct ssfl_scan *s, struct ss_str piece);

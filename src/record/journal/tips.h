/* Files of signed tips, one line of fixed length each: a value of a hash chain, who signed it and
 * when, with a copy in a second place. The journal keeps one of its own; other chains of the node
 * (the audit's) are signed with the same key under another word, so that a tip of one chain never
 * stands for one of another. docs/internals/journal-format.md, section 4. */
#pragma once

#include "record/journal/journal.h"

struct ss_tips;
/* Opens or makes the file, cuts a torn last line. Borrows the key and the second place of the
 * journal, which outlives it; name ("audit") stands in front of the copy's name, magic is the six
 * letters of the line; both borrowed. Thread: one owner. */
int ss_tips_open(const struct ss_journal *j, const char *path, const char *name, const char *magic,
		 struct ss_tips **ret, struct ss_error *err);
void ss_tips_close(struct ss_tips *f); /* NULL-safe */
/* Signs, appends, syncs, copies (a copy that fails is logged and caught up next time). Sets
 * t->sig. The members group and seq are the chain's own numbers; groups must rise. */
int ss_tips_add(struct ss_tips *f, struct ss_tip *t);
int ss_tips_last(const struct ss_tips *f, struct ss_tip *ret); /* SS_ENOTFOUND */
void ss_tips_node(const struct ss_tips *f, uint8_t node[16]);  /* id of the node: of its key */
/* Where the journal's public key is, and the second place ("" = none). */
void ss_tips_place(const struct ss_journal *j, char *ret_dir, char *ret_copy_dir, size_t cap);

/* --- keeping another node's, as a second place for it ------------------------------------------
 */

struct ss_tip_source {
	struct ss_str pem; /* the node's public key, as in its node.pub */
	const char *name, *magic;
};
void ss_tip_node(struct ss_str pem, uint8_t node[16]);
/* Bytes of whole lines that are kept, and SM3 of the last one; 0 and zeros = none. */
int64_t ss_tip_copy_size(const char *dir, const char *name, const uint8_t node[16],
			 uint8_t ret_last[32]);
/* Appends whole lines at offset `at`, which is what is kept. SS_ECONFLICT: it is not; SS_ECORRUPT:
 * a line that is not the node's, or does not go on from the one before. What is kept can be given
 * to `journal verify --copy`. */
int ss_tip_copy_append(const char *dir, const struct ss_tip_source *s, int64_t at,
		       struct ss_str lines, struct ss_error *err);

/* --- reading them again, believing nothing --- */

struct ss_tip_place {
	const char *journal_dir; /* holds node.pub */
	const char *path;        /* the file itself */
	const char *copy_dir;    /* second place, NULL or "" = none */
	const char *name, *magic;
};
struct ss_tip_list {
	struct ss_tip *p; /* the caller frees */
	size_t n, cap;
	char path[1024];
};
/* Reads file and copy; order, form and every signature are checked, and that the copy of the public
 * key is the same. A file that is missing gives an empty list. SS_ECORRUPT names file and place. */
int ss_tip_lists_read(const struct ss_tip_place *place, struct ss_tip_list *ret_own,
		      struct ss_tip_list *ret_copy, uint8_t ret_node[16], struct ss_error *err);
/* SS_ECORRUPT: "tips PATH offset N group G: what". */
int ss_tip_bad(const struct ss_tip_list *l, size_t i, const char *what, struct ss_error *err);

/* What a file is, by its first bytes and by its name. */
#include "record/files/files_internal.h"

/* X(ending, type, group): what is taken. The group is what the first bytes must say. */
static const struct {
	const char *ending, *type, *group;
} endings[] = {
    {"jpg", "image/jpeg", "jpeg"},
    {"jpeg", "image/jpeg", "jpeg"},
    {"png", "image/png", "png"},
    {"gif", "image/gif", "gif"},
    {"webp", "image/webp", "webp"},
    {"heic", "image/heic", "mp4"},
    {"tif", "image/tiff", "tiff"},
    {"tiff", "image/tiff", "tiff"},
    {"bmp", "image/bmp", "bmp"},
    {"pdf", "application/pdf", "pdf"},
    {"ofd", "application/ofd", "zip"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "zip"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "zip"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", "zip"},
    {"zip", "application/zip", "zip"},
    {"doc", "application/msword", "ole"},
    {"xls", "application/vnd.ms-excel", "ole"},
    {"ppt", "application/vnd.ms-powerpoint", "ole"},
    {"mp4", "video/mp4", "mp4"},
    {"mov", "video/quicktime", "mp4"},
    {"m4a", "audio/mp4", "mp4"},
    {"mp3", "audio/mpeg", "mp3"},
    {"wav", "audio/wav", "riff"},
    {"avi", "video/x-msvideo", "riff"},
    {"amr", "audio/amr", "amr"},
    {"txt", "text/plain", "text"},
    {"csv", "text/csv", "text"},
    {"json", "application/json", "text"},
    {"geojson", "application/geo+json", "text"},
    {"kml", "application/vnd.google-earth.kml+xml", "text"},
    {"gpx", "application/gpx+xml", "text"},
    {"p7s", "application/pkcs7-signature", "der"},
};

#define M(group, at, bytes)                                                                        \
	{                                                                                          \
		group, at, bytes, sizeof(bytes) - 1                                                \
	}
/* The first that fits; a group that begins with '!' is refused whatever the name. */
static const struct {
	const char *group;
	size_t at;
	const char *bytes;
	size_t n;
} magic[] = {
    M("jpeg", 0, "\xff\xd8\xff"),
    M("png", 0, "\x89PNG\r\n\x1a\n"),
    M("gif", 0, "GIF8"),
    M("webp", 8, "WEBP"),
    M("riff", 0, "RIFF"),
    M("mp4", 4, "ftyp"),
    M("tiff", 0, "II*\0"),
    M("tiff", 0, "MM\0*"),
    M("bmp", 0, "BM"),
    M("pdf", 0, "%PDF-"),
    M("zip", 0, "PK\x03\x04"),
    M("ole", 0, "\xd0\xcf\x11\xe0"),
    M("mp3", 0, "ID3"),
    M("mp3", 0, "\xff\xfb"),
    M("mp3", 0, "\xff\xf3"),
    M("amr", 0, "#!AMR"),
    M("!program", 0, "MZ"),
    M("!program", 0,
      "\x7f"
      "ELF"),
    M("!program", 0, "\xca\xfe\xba\xbe"),
    M("!program", 0, "\xcf\xfa\xed\xfe"),
    M("!program", 0, "\xfe\xed\xfa"),
    M("!script", 0, "#!"),
    M("!program", 0, "\0asm"),
    M("der", 0, "\x30\x82"),
    M("der", 0, "\x30\x80"),
};

/* Pages that a browser would run. */
static bool is_page(struct ss_str head)
{
	static const char *const starts[] = {"<!doctype html", "<html", "<script", "<svg", "<?php"};
	struct ss_str s = head;

	if (ss_str_starts(s, SS_STR("\xef\xbb\xbf")))
		s = ss_str_n(s.p + 3, s.n - 3);
	s = ss_str_trim(s);
	for (size_t i = 0; i < SS_ARRAY_LEN(starts); i++) {
		size_t n = strlen(starts[i]);

		if (s.n >= n && ss_str_eq_nocase(ss_str_n(s.p, n), ss_str_of(starts[i])))
			return true;
	}
	return false;
}

/* Text has no control characters but tab and line ends; UTF-8 and GB 18030 are both taken. */
static bool is_text(struct ss_str head)
{
	for (size_t i = 0; i < head.n; i++) {
		unsigned char c = (unsigned char)head.p[i];

		if (c < 32 && c != '\t' && c != '\n' && c != '\r' && c != '\f')
			return false;
	}
	return head.n > 0;
}

const char *ssfl_sniff(struct ss_str head)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(magic); i++) {
		if (head.n >= magic[i].at + magic[i].n &&
		    memcmp(head.p + magic[i].at, magic[i].bytes, magic[i].n) == 0)
			return magic[i].group;
	}
	if (is_page(head))
		return "!page";
	return is_text(head) ? "text" : NULL;
}

static int ending_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < SS_ARRAY_LEN(endings); i++) {
		if (ss_str_eq_nocase(ss_str_of(dot + 1), ss_str_of(endings[i].ending)))
			return (int)i;
	}
	return SS_ENOTFOUND;
}

const char *ssfl_by_name(const char *name)
{
	int i = ending_of(name);

	return i < 0 ? NULL : endings[i].type;
}

int ssfl_check(const char *name, struct ss_str head, const char **ret, struct ss_error *err)
{
	const char *is = ssfl_sniff(head);
	int i = ending_of(name);

	if (i < 0)
		return ss_error_set(err, SS_EINVAL,
				    "不收这种文件：%s；files of this kind are not taken: %s", name,
				    name);
	if (is && *is == '!')
		return ss_error_set(
		    err, SS_EINVAL,
		    "%s 的内容是程序、脚本或网页，不收；%s holds a program, script or page", name,
		    name);
	if (!is || strcmp(is, endings[i].group) != 0)
		return ss_error_set(
		    err, SS_EINVAL,
		    "%s 的内容不是 %s（看起来是 %s）；the content of %s is not what its "
		    "name says",
		    name, endings[i].ending, is ? is : "不明", name);
	*ret = endings[i].type;
	return 0;
}

void ssfl_scan(struct ssfl_scan *s, struct ss_str piece)
{
	char join[2 * sizeof(s->tail)];
	size_t n = piece.n < sizeof(s->tail) ? piece.n : sizeof(s->tail);

	if (s->found)
		return;
	/* What lies across the border of two pieces. */
	memcpy(join, s->tail, s->n);
	memcpy(join + s->n, piece.p, n);
	s->found = ss_str_find(ss_str_n(join, s->n + n), SS_STR("/Encrypt")) >= 0 ||
		   ss_str_find(piece, SS_STR("/Encrypt")) >= 0;
	if (piece.n >= sizeof(s->tail)) {
		memcpy(s->tail, piece.p + piece.n - sizeof(s->tail), sizeof(s->tail));
		s->n = sizeof(s->tail);
	} else {
		size_t all = s->n + n, keep = all < sizeof(s->tail) ? all : sizeof(s->tail);

		memcpy(s->tail, join + all - keep, keep);
		s->n = keep;
	}
}

/* shanshui-verify PACKAGE.tar [--anchors FILE] [--json]
 * Exit status: 0 good, 1 broken, 2 wrong words or a file cannot be read, 3 whole but compared with
 * no anchor. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "verify.h"

static int usage(void)
{
	fprintf(
	    stderr,
	    "用法 usage: shanshui-verify 证据包 PACKAGE.tar [--anchors 锚点文件 FILE] [--json]\n"
	    "锚点文件取自别处抄存的 tips，或纸上印的“组号 摘要”，见 docs/evidence.md\n"
	    "anchors: tips kept elsewhere, or GROUP DIGEST as printed on paper\n"
	    "0 完好 good，1 断裂 broken，2 用法或读不了 usage，3 未对照锚点 not anchored\n");
	return 2;
}

/* Maps the file; an empty one is "". */
static bool file(const char *path, struct sv_bytes *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;

	*ret = (struct sv_bytes){(const uint8_t *)"", 0};
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		fprintf(stderr, "读不了 cannot read %s\n", path);
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (st.st_size > 0) {
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (p == MAP_FAILED) {
			fprintf(stderr, "读不了 cannot map %s\n", path);
			close(fd);
			return false;
		}
		*ret = (struct sv_bytes){p, (size_t)st.st_size};
	}
	close(fd);
	return true;
}

int main(int argc, char **argv)
{
	static const int status[] = {0, 3, 1};
	static struct sv_report r;
	struct sv_bytes package = {NULL, 0}, anchors = {NULL, 0};
	const char *path = NULL, *anchor_path = NULL;
	bool json = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			json = true;
		else if (strcmp(argv[i], "--anchors") == 0 && i + 1 < argc)
			anchor_path = argv[++i];
		else if (argv[i][0] == '-' || path)
			return usage();
		else
			path = argv[i];
	}
	if (!path)
		return usage();
	if (!file(path, &package) || (anchor_path && !file(anchor_path, &anchors)))
		return 2;
	sv_check(package, anchors, &r);
	(json ? sv_print_json : sv_print_text)(&r);
	return status[sv_verdict(&r)];
}

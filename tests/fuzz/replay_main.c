/* Runs a fuzz target over the files of a folder: the corpus as an ordinary test, in every build.
 * Usage: fuzz_NAME folder. Fails when the folder holds no file, so that a lost corpus shows. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

/* The exact size from malloc, so that a sanitizer sees the first byte read beyond it. */
static int replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	uint8_t *p;
	size_t n;

	if (!f || fstat(fileno(f), &st) < 0) {
		perror(path);
		exit(1);
	}
	if (!S_ISREG(st.st_mode)) {
		fclose(f);
		return 0;
	}
	p = malloc(st.st_size ? (size_t)st.st_size : 1);
	if (!p)
		abort();
	n = fread(p, 1, (size_t)st.st_size, f);
	fclose(f);
	if (n != (size_t)st.st_size) {
		fprintf(stderr, "%s: cannot be read whole\n", path);
		exit(1);
	}
	LLVMFuzzerTestOneInput(p, n);
	free(p);
	return 1;
}

int main(int argc, char **argv)
{
	struct dirent **names;
	int n, count = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: %s folder\n", argv[0]);
		return 2;
	}
	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	n = scandir(argv[1], &names, NULL, alphasort);
	if (n < 0) {
		perror(argv[1]);
		return 1;
	}
	for (int i = 0; i < n; i++) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", argv[1], names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			count += replay(path);
		free(names[i]);
	}
	free(names);
	printf("%d inputs replayed from %s\n", count, argv[1]);
	return count ? 0 : 1;
}

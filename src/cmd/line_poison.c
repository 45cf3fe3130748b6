#include "cmd/line_poison.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/os.h"

#define MAGIC UINT64_C(0x32304e4f53494f50)

struct page {
	uint64_t magic;
	uint64_t at_work; /* seq, 0 = none */
	uint64_t crashed; /* seq at work when the last run ended, until it is met again */
	uint64_t suspect; /* key of its body */
	uint64_t tries;
	uint64_t count;
	uint64_t aside[SS_POISON_MAX];
};

struct ss_poison {
	volatile struct page *page;
};

static uint64_t key_of(struct ss_str body)
{
	return ss_str_hash(body);
}

static void count_crash(volatile struct page *p, uint64_t key)
{
	p->crashed = 0;
	p->tries = p->suspect == key ? p->tries + 1 : 1;
	p->suspect = key;
	if (p->tries >= SS_POISON_TRIES && p->count < SS_POISON_MAX)
		p->aside[p->count++] = key;
}

int ss_poison_open(const char *path, struct ss_poison **ret, struct ss_error *err)
{
	const struct ss_os *os = ss_os();
	int fd = os->open(path, O_RDWR | O_CREAT, 0600);
	struct ss_poison *p;
	void *m = MAP_FAILED;

	if (fd < 0)
		return ss_error_set(err, fd, "无法打开 %s cannot open", path);
	if (os->size(fd) >= (int64_t)sizeof(struct page) ||
	    os->truncate(fd, sizeof(struct page)) == 0)
		m = mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	os->close(fd);
	if (m == MAP_FAILED)
		return ss_error_set(err, SS_EIO, "无法映射 %s cannot map", path);
	p = malloc(sizeof(*p));
	if (!p) {
		munmap(m, sizeof(struct page));
		return SS_ENOMEM;
	}
	p->page = m;
	if (p->page->magic != MAGIC || p->page->count > SS_POISON_MAX)
		*p->page = (struct page){.magic = MAGIC};
	if (p->page->at_work)
		p->page->crashed = p->page->at_work;
	p->page->at_work = 0;
	*ret = p;
	return 0;
}

void ss_poison_close(struct ss_poison *p)
{
	if (!p)
		return;
	p->page->at_work = 0;
	munmap((void *)p->page, sizeof(struct page));
	free(p);
}

bool ss_poison_is(struct ss_poison *p, uint64_t seq, struct ss_str body)
{
	volatile struct page *g = p->page;
	uint64_t key;

	if (!g->count && g->crashed != seq)
		return false; /* nearly always: no hash is made */
	key = key_of(body);
	if (g->crashed == seq)
		count_crash(g, key);
	for (uint64_t i = 0; i < g->count; i++)
		if (g->aside[i] == key)
			return true;
	return false;
}

int ss_poison_count(const struct ss_poison *p)
{
	return (int)p->page->count;
}

void ss_poison_enter(struct ss_poison *p, uint64_t seq)
{
	p->page->at_work = seq;
}

void ss_poison_leave(struct ss_poison *p)
{
	p->page->at_work = 0;
}

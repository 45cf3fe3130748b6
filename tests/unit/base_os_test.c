#include "base_test.h"

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/os.h"

static const struct ss_os *os(void)
{
	return ss_os();
}

static void files(void **state)
{
	struct iovec iov[200];
	char text[4000], back[5000];
	int64_t sum = 0;
	int fd = os()->open("f", O_RDWR | O_CREAT, 0600);

	(void)state;
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 31);
	for (int i = 0; i < 200; i++) { /* also empty parts, and more than one chunk of parts */
		iov[i] = (struct iovec){text + sum, (size_t)(i % 5) * 7};
		sum += (i % 5) * 7;
	}
	assert_int_equal(os()->pwritev(fd, iov, 200, 10), sum);
	assert_int_equal(os()->pwritev(fd, iov, 1, 10), 0);
	assert_int_equal(os()->pwritev(fd, iov, 0, 10), 0);
	assert_int_equal(os()->pwrite(fd, "0123456789", 10, 0), 10);
	assert_int_equal(os()->size(fd), sum + 10);
	assert_int_equal(os()->pread(fd, back, sizeof(back), 10), sum);
	assert_memory_equal(back, text, (size_t)sum);
	assert_int_equal(os()->pread(fd, back, 5, sum + 8), 2);
	assert_int_equal(os()->pread(fd, back, 5, sum + 10), 0);
	assert_int_equal(os()->truncate(fd, 5), 0);
	assert_int_equal(os()->size(fd), 5);
	assert_true(os()->allocate(fd, 0, 100000) == 0 ||
		    os()->allocate(fd, 0, 100000) == SS_EUNSUPPORTED);
	assert_int_equal(os()->size(fd), 5);
	assert_int_equal(os()->datasync(fd), 0);
	assert_int_equal(os()->sync(fd), 0);
	assert_int_equal(os()->sync_dir("."), 0);
	assert_int_equal(os()->sync_dir("f"), SS_ENOTFOUND);
	assert_int_equal(os()->close(fd), 0);
	assert_int_equal(os()->close(fd), SS_EINVAL);
	assert_true(os()->pread(fd, back, 1, 0) < 0);
	assert_int_equal(os()->rename("f", "g"), 0);
	assert_int_equal(os()->unlink("f"), SS_ENOTFOUND);
	assert_int_equal(os()->open("f", O_RDONLY, 0), SS_ENOTFOUND);
	assert_int_equal(os()->unlink("g"), 0);
}

static void folders(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(ss_mkdirs("a/b//c/", 0750), 0);
	assert_int_equal(ss_mkdirs("a/b/c", 0750), 0);
	assert_int_equal(stat("a/b/c", &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(ss_file_write_atomic("a/file", "x", 1, 0640), 0);
	assert_int_equal(os()->mkdir("a/file", 0750), SS_EEXISTS);
	assert_true(ss_mkdirs("a/file/b", 0750) < 0);
	assert_int_equal(ss_mkdirs("", 0750), SS_EINVAL);
}

/* The disk is full for this process: RLIMIT_FSIZE. A write that fits in part must report it. */
static void full_disk(void **state)
{
	struct rlimit old, small;
	static char big[100000];
	int fd = os()->open("limited", O_RDWR | O_CREAT, 0600);
	struct iovec iov[2] = {{big, 40000}, {big, 60000}};

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = (struct rlimit){65536, old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(os()->pwrite(fd, big, sizeof(big), 0), SS_ENOSPC);
	assert_int_equal(os()->pwritev(fd, iov, 2, 0), SS_ENOSPC);
	assert_int_equal(ss_file_write_atomic("whole", big, sizeof(big), 0600), SS_ENOSPC);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(access("whole", F_OK), -1);
	assert_int_equal(os()->pwrite(fd, big, sizeof(big), 0), sizeof(big));
	os()->close(fd);
}

static int count_entries(const char *folder)
{
	DIR *d = opendir(folder);
	int n = 0;

	for (struct dirent *e; (e = readdir(d));)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static void whole_files(void **state)
{
	static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 131072, 199999, 200000};
	struct ss_buf b = SS_BUF_MAX(200000);
	static char text[200001];
	struct stat st;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 7);
	assert_int_equal(ss_mkdirs("w", 0700), 0);
	for (size_t i = 0; i < SS_ARRAY_LEN(sizes); i++) {
		assert_int_equal(ss_file_write_atomic("w/f", text, sizes[i], 0640), 0);
		assert_int_equal(ss_file_read("w/f", &b), 0);
		assert_int_equal(b.n, sizes[i]);
		assert_memory_equal(ss_buf_str(&b).p, text, sizes[i]);
	}
	assert_int_equal(stat("w/f", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(ss_file_write_atomic("w/f", text, 200001, 0640), 0);
	assert_int_equal(ss_file_read("w/f", &b), SS_ETOOBIG);
	assert_int_equal(ss_file_read("w/none", &b), SS_ENOTFOUND);
	assert_true(ss_file_read("w", &b) < 0);
	assert_int_equal(count_entries("w"), 1);
	ss_buf_done(&b);
	assert_int_equal(ss_file_read("/proc/self/status", &b), 0); /* size 0, but there is text */
	assert_true(ss_str_find(ss_buf_str(&b), SS_STR("Pid:")) > 0);
	ss_buf_done(&b);
}

static int listener(struct sockaddr_in *sa)
{
	socklen_t len = sizeof(*sa);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	*sa =
	    (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	assert_int_equal(bind(fd, (struct sockaddr *)sa, sizeof(*sa)), 0);
	assert_int_equal(listen(fd, 8), 0);
	getsockname(fd, (struct sockaddr *)sa, &len);
	return fd;
}

static int connected(const struct sockaddr_in *sa)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)sa, sizeof(*sa)), 0);
	return fd;
}

static void sockets(void **state)
{
	struct sockaddr_in sa;
	int l = listener(&sa), there, here;
	static char big[1 << 20];
	char t[10];

	(void)state;
	assert_int_equal(os()->accept(l, NULL, NULL), SS_EAGAIN);
	there = connected(&sa);
	here = os()->accept(l, NULL, NULL);
	assert_true(here >= 0);
	assert_true(fcntl(here, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(here, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(os()->recv(here, t, sizeof(t)), SS_EAGAIN);
	assert_int_equal(os()->send(there, "hello", 5), 5);
	assert_int_equal(os()->recv(here, t, sizeof(t)), 5);
	while (os()->send(here, big, sizeof(big)) > 0)
		;
	assert_int_equal(os()->send(here, big, sizeof(big)), SS_EAGAIN);
	shutdown(there, SHUT_WR);
	assert_int_equal(os()->recv(here, t, sizeof(t)), 0);
	os()->close(here);
	close(there);

	there = connected(&sa);
	here = os()->accept(l, NULL, NULL);
	setsockopt(there, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
	close(there); /* a reset */
	assert_int_equal(os()->recv(here, t, sizeof(t)), SS_EGONE);
	assert_int_equal(os()->send(here, t, 1), SS_EGONE); /* and no SIGPIPE */
	os()->close(here);
	close(l);
}

static void no_descriptors(void **state)
{
	struct sockaddr_in sa;
	int l = listener(&sa), there = connected(&sa), here;
	struct rlimit old, none;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &old);
	none = (struct rlimit){0, old.rlim_max};
	setrlimit(RLIMIT_NOFILE, &none);
	assert_int_equal(os()->accept(l, NULL, NULL), SS_EFDS);
	assert_int_equal(os()->open("x", O_RDWR | O_CREAT, 0600), SS_EFDS);
	setrlimit(RLIMIT_NOFILE, &old);
	here = os()->accept(l, NULL, NULL);
	assert_true(here >= 0);
	close(here);
	close(there);
	close(l);
}

static void on_signal(int sig)
{
	(void)sig;
}

/* A timer that interrupts all the time, without SA_RESTART: no call may say so. */
static void interrupted(void **state)
{
	struct sigaction sa = {.sa_handler = on_signal}, old;
	struct itimerspec it = {{0, 50000}, {0, 50000}};
	static char text[1 << 20], back[1 << 20];
	timer_t timer;
	int fd;

	(void)state;
	sigaction(SIGALRM, &sa, &old);
	assert_int_equal(timer_create(CLOCK_MONOTONIC, NULL, &timer), 0);
	timer_settime(timer, 0, &it, NULL);
	for (int i = 0; i < 50; i++) {
		fd = os()->open("i", O_RDWR | O_CREAT, 0600);
		assert_true(fd >= 0);
		assert_int_equal(os()->pwrite(fd, text, sizeof(text), 0), sizeof(text));
		assert_int_equal(os()->pread(fd, back, sizeof(back), 0), sizeof(back));
		assert_int_equal(os()->random(back, 100000), 0);
		assert_int_equal(os()->truncate(fd, 0), 0);
		assert_int_equal(os()->close(fd), 0);
	}
	timer_delete(timer);
	sigaction(SIGALRM, &old, NULL);
}

static void random_bytes(void **state)
{
	uint8_t a[64] = {0}, b[64] = {0};

	(void)state;
	assert_int_equal(os()->random(a, sizeof(a)), 0);
	assert_int_equal(os()->random(b, sizeof(b)), 0);
	assert_memory_not_equal(a, b, sizeof(a));
}

static void fault_specs(void **state)
{
	static const char *const bad[] = {"x",
					  "pwrite",
					  "pwrite:eio",
					  "pwrite:eio:0",
					  "pwrite:eio:",
					  "pwrite:eio:1:2",
					  "nocall:eio:1",
					  "pwrite:nofault:1",
					  "pwrite:eio:-1",
					  "pwrite:eio:1++",
					  ",",
					  "pwrite:eio:1,,"};
	char many[2000] = "";

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(bad); i++) {
		assert_int_equal(ss_os_fault_install(bad[i]), SS_EPARSE);
		assert_ptr_equal(ss_os(), &ss_os_real);
	}
	for (int i = 0; i < 33; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), "pwrite:eio:1,");
	assert_int_equal(ss_os_fault_install(many), SS_ETOOBIG);
	assert_int_equal(ss_os_fault_install(NULL), 0);
	assert_int_equal(ss_os_fault_install(""), 0);
	assert_ptr_not_equal(ss_os(), &ss_os_real);
	ss_os_set(NULL);
	assert_ptr_equal(ss_os(), &ss_os_real);
}

static void nth_and_after(void **state)
{
	int fd = os()->open("n", O_RDWR | O_CREAT, 0600);

	(void)state;
	assert_int_equal(ss_os_fault_install("pwrite:enospc:2,pwrite:eio:4+ , datasync:eio:1"), 0);
	assert_int_equal(os()->pwrite(fd, "a", 1, 0), 1);
	assert_int_equal(os()->pwrite(fd, "b", 1, 0), SS_ENOSPC);
	assert_int_equal(os()->pwrite(fd, "c", 1, 0), 1);
	assert_int_equal(os()->pwrite(fd, "d", 1, 0), SS_EIO);
	assert_int_equal(os()->pwrite(fd, "e", 1, 0), SS_EIO);
	assert_int_equal(os()->datasync(fd), SS_EIO);
	assert_int_equal(os()->datasync(fd), 0);
	assert_int_equal(ss_os_fault_install("pwrite:eio:1"), 0); /* counts start again */
	assert_int_equal(os()->pwrite(fd, "a", 1, 0), SS_EIO);
	assert_int_equal(os()->pwrite(fd, "a", 1, 0), 1);
	os()->close(fd);
	ss_os_set(NULL);
}

static void short_ones(void **state)
{
	struct iovec iov[2] = {{(char[]){"abc"}, 3}, {(char[]){"defgh"}, 5}};
	int fd = os()->open("short", O_RDWR | O_CREAT | O_TRUNC, 0600), pair[2];
	char t[20] = "";

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(
	    ss_os_fault_install("pwrite:short:1,pwritev:short:1,pread:short:1,recv:short:1+,"
				"send:short:1,sync:short:1"),
	    0);
	assert_int_equal(os()->pwrite(fd, "123456", 6, 0), SS_EIO);
	assert_int_equal(os()->size(fd), 3); /* torn: half is there */
	assert_int_equal(os()->pwritev(fd, iov, 2, 3), SS_EIO);
	assert_int_equal(os()->size(fd), 7);
	assert_int_equal(os()->pread(fd, t, 7, 0), 3);
	assert_int_equal(os()->pread(fd, t, 7, 0), 7);
	assert_memory_equal(t, "123abcd", 7);
	assert_int_equal(os()->sync(fd), SS_EIO);
	assert_int_equal(os()->send(pair[0], "123456", 6), 3);
	assert_int_equal(os()->recv(pair[1], t, 6), 1);
	assert_int_equal(os()->recv(pair[1], t, 6), 1);
	close(pair[0]);
	close(pair[1]);
	os()->close(fd);
	ss_os_set(NULL);
}

/* Every call can be made to fail, and does nothing then. */
static void each_call(void **state)
{
	char t[4] = "";
	struct iovec iov = {t, 1};
	int fd = os()->open("each", O_RDWR | O_CREAT | O_TRUNC, 0600);

	(void)state;
	assert_int_equal(
	    ss_os_fault_install(
		"random:eio:1,open:efds:1,pread:eio:1,pwrite:eio:1,pwritev:enospc:1,"
		"datasync:eio:1,sync:eio:1,sync_dir:eio:1,truncate:eio:1,allocate:enospc:1,"
		"size:eio:1,rename:eio:1,unlink:eio:1,mkdir:enospc:1,recv:reset:1,"
		"send:reset:1,accept:efds:1,close:eio:1"),
	    0);
	assert_int_equal(os()->random(t, 1), SS_EIO);
	assert_int_equal(os()->open("no", O_RDWR | O_CREAT, 0600), SS_EFDS);
	assert_int_equal(os()->pread(fd, t, 1, 0), SS_EIO);
	assert_int_equal(os()->pwrite(fd, t, 1, 0), SS_EIO);
	assert_int_equal(os()->pwritev(fd, &iov, 1, 0), SS_ENOSPC);
	assert_int_equal(os()->datasync(fd), SS_EIO);
	assert_int_equal(os()->sync(fd), SS_EIO);
	assert_int_equal(os()->sync_dir("."), SS_EIO);
	assert_int_equal(os()->truncate(fd, 9), SS_EIO);
	assert_int_equal(os()->allocate(fd, 0, 9), SS_ENOSPC);
	assert_int_equal(os()->size(fd), SS_EIO);
	assert_int_equal(os()->size(fd), 0);
	assert_int_equal(os()->rename("each", "other"), SS_EIO);
	assert_int_equal(os()->unlink("each"), SS_EIO);
	assert_int_equal(os()->mkdir("nodir", 0700), SS_ENOSPC);
	assert_int_equal(os()->recv(fd, t, 1), SS_EGONE);
	assert_int_equal(os()->send(fd, t, 1), SS_EGONE);
	assert_int_equal(os()->accept(fd, NULL, NULL), SS_EFDS);
	assert_int_equal(os()->close(fd), SS_EIO);
	assert_int_equal(os()->close(fd), SS_EINVAL); /* it was closed all the same */
	ss_os_set(NULL);
	assert_int_equal(access("each", F_OK), 0);
	assert_int_equal(access("no", F_OK), -1);
	assert_int_equal(access("nodir", F_OK), -1);
}

static void dies(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		ss_os_fault_install("mkdir:kill:2");
		os()->mkdir("first", 0700);
		os()->mkdir("second", 0700);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(access("first", F_OK), 0);
	assert_int_equal(access("second", F_OK), -1);
}

/* Whichever step fails: the old content or the new one, never a mixture, and nothing left beside.
 * Only a failed folder sync comes after the rename. */
static void atomic_write_under_faults(void **state)
{
	static const char *const calls[] = {"random:eio:1",   "open:enospc:1", "pwrite:enospc:1",
					    "pwrite:short:1", "sync:eio:1",    "close:eio:1",
					    "rename:eio:1",   "sync_dir:eio:1"};
	struct ss_buf b = SS_BUF_MAX(100);

	(void)state;
	assert_int_equal(ss_mkdirs("atomic", 0700), 0);
	for (size_t i = 0; i < SS_ARRAY_LEN(calls); i++) {
		assert_int_equal(ss_file_write_atomic("atomic/f", "old", 3, 0600), 0);
		assert_int_equal(ss_os_fault_install(calls[i]), 0);
		assert_true(ss_file_write_atomic("atomic/f", "newer", 5, 0600) < 0);
		ss_os_set(NULL);
		assert_int_equal(ss_file_read("atomic/f", &b), 0);
		assert_str(ss_buf_str(&b), strstr(calls[i], "sync_dir") ? "newer" : "old");
		assert_int_equal(count_entries("atomic"), 1);
	}
	assert_int_equal(ss_os_fault_install("pread:eio:1"), 0);
	assert_int_equal(ss_file_read("atomic/f", &b), SS_EIO);
	ss_os_set(NULL);
	ss_buf_done(&b);
}

static void *many_writes(void *arg)
{
	int failed = 0;

	for (int i = 0; i < 2500; i++)
		failed += os()->size(*(int *)arg) < 0;
	return (void *)(intptr_t)failed;
}

/* The counters are one for all threads: of 10,000 calls exactly the 4,000th and those from 9,901.
 */
static void counted_over_threads(void **state)
{
	int fd = os()->open("threads", O_RDWR | O_CREAT, 0600);
	intptr_t sum = 0;
	pthread_t t[4];
	void *failed;

	(void)state;
	assert_int_equal(ss_os_fault_install("size:eio:4000,size:eio:9901+"), 0);
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, many_writes, &fd);
	for (int i = 0; i < 4; i++) {
		pthread_join(t[i], &failed);
		sum += (intptr_t)failed;
	}
	ss_os_set(NULL);
	assert_int_equal(sum, 101);
	os()->close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(files),
	    cmocka_unit_test(folders),
	    cmocka_unit_test(full_disk),
	    cmocka_unit_test(whole_files),
	    cmocka_unit_test(sockets),
	    cmocka_unit_test(no_descriptors),
	    cmocka_unit_test(interrupted),
	    cmocka_unit_test(random_bytes),
	    cmocka_unit_test(fault_specs),
	    cmocka_unit_test(nth_and_after),
	    cmocka_unit_test(short_ones),
	    cmocka_unit_test(each_call),
	    cmocka_unit_test(dies),
	    cmocka_unit_test(atomic_write_under_faults),
	    cmocka_unit_test(counted_over_threads),
	};

	return cmocka_run_group_tests(tests, enter_scratch, NULL);
}

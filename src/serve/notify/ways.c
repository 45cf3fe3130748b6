/* The ways out: mail by SMTP and messages by HTTP (libcurl), MQTT (libmosquitto), programs. */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <mosquitto.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "notify_internal.h"

#define SECONDS 20L
#define MQTT_SECONDS 10
#define PROGRAM_US (20 * SS_US_PER_SEC)

extern char **environ;

void ss_notify_put(const struct ss_message *m, struct ss_buf *out)
{
	struct ss_json j = ss_json_on(out);

	ss_json_obj(&j);
	ss_json_kz(&j, "id", m->id);
	ss_json_kz(&j, "notice", m->notice);
	ss_json_kz(&j, "way", m->way);
	ss_json_kz(&j, "address", m->address);
	ss_json_kz(&j, "user", m->user);
	ss_json_kz(&j, "module", m->module);
	ss_json_kz(&j, "level", m->level);
	ss_json_key(&j, "title");
	ss_json_obj(&j);
	ss_json_kz(&j, "zh", m->zh);
	ss_json_kz(&j, "en", m->en);
	ss_json_end_obj(&j);
	ss_json_key(&j, "body");
	ss_json_obj(&j);
	ss_json_kz(&j, "zh", m->body_zh);
	ss_json_kz(&j, "en", m->body_en);
	ss_json_end_obj(&j);
	ss_json_kz(&j, "link", m->link);
	ss_json_ktime(&j, "created", m->created_us);
	ss_json_end_obj(&j);
}

/* --- mail
 * ------------------------------------------------------------------------------------------ */

/* Base64 in lines of 76 (RFC 2045), or in one line (76 = 0). */
static void add_base64(struct ss_buf *out, struct ss_str s, size_t line)
{
	static const char digit[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t col = 0;

	for (size_t i = 0; i < s.n; i += 3) {
		uint32_t v = (uint32_t)(uint8_t)s.p[i] << 16;

		if (i + 1 < s.n)
			v |= (uint32_t)(uint8_t)s.p[i + 1] << 8;
		if (i + 2 < s.n)
			v |= (uint8_t)s.p[i + 2];
		ss_buf_addc(out, digit[v >> 18]);
		ss_buf_addc(out, digit[v >> 12 & 63]);
		ss_buf_addc(out, i + 1 < s.n ? digit[v >> 6 & 63] : '=');
		ss_buf_addc(out, i + 2 < s.n ? digit[v & 63] : '=');
		col += 4;
		if (line && col >= line && i + 3 < s.n) {
			ss_buf_addz(out, "\r\n");
			col = 0;
		}
	}
}

/* RFC 2047: words of at most 75 characters, each a whole number of characters. */
static void add_subject(struct ss_buf *out, struct ss_str s)
{
	ss_buf_addz(out, "Subject: ");
	while (s.n) {
		size_t n = s.n < 42 ? s.n : 42;

		while (n < s.n && n > 36 && ((uint8_t)s.p[n] & 0xc0) == 0x80)
			n--;
		ss_buf_addz(out, "=?UTF-8?B?");
		add_base64(out, ss_str_n(s.p, n), 0);
		ss_buf_addz(out, "?=");
		s = ss_str_n(s.p + n, s.n - n);
		ss_buf_addz(out, s.n ? "\r\n " : "");
	}
	ss_buf_addz(out, "\r\n");
}

static void add_date(struct ss_buf *out, int64_t t_us)
{
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct ss_civil c = ss_civil_of(t_us);

	ss_buf_addf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0800\r\n", days[c.weekday - 1], c.day,
		    months[c.month - 1], c.year, c.hour, c.minute, c.second);
}

static void compose(struct ss_notify *n, const struct ss_message *m, struct ss_buf *out)
{
	ss_cleanup(ss_buf_done) struct ss_buf body = SS_BUF_MAX(1 << 16);

	ss_buf_addf(out, "From: <%s>\r\nTo: <%s>\r\n", n->s.from, m->address);
	add_subject(out, ss_str_of(m->zh));
	add_date(out, ss_time_now());
	ss_buf_addf(out,
		    "Message-ID: <%s@shanshui>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; "
		    "charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		    m->id);
	ss_buf_addf(&body, "%s\n%s\n", m->body_zh[0] ? m->body_zh : m->zh, m->link);
	if (m->en[0])
		ss_buf_addf(&body, "\n%s\n%s\n", m->en, m->body_en);
	add_base64(out, ss_buf_str(&body), 76);
	ss_buf_addz(out, "\r\n");
}

static size_t give_mail(char *p, size_t size, size_t n, void *arg)
{
	struct ss_str *s = arg;
	size_t take = size * n < s->n ? size * n : s->n;

	memcpy(p, s->p, take);
	*s = ss_str_n(s->p + take, s->n - take);
	return take;
}

static int curl_failed(CURL *c, CURLcode code, struct ss_error *err)
{
	long status = 0;

	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_OK)
		return 0;
	return ss_error_set(err, SS_EGONE, "对方没有收下：%s（%ld）the other side did not take it",
			    curl_easy_strerror(code), status);
}

int ss_notify_mail(struct ss_notify *n, const struct ss_message *m, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf mail = SS_BUF_MAX(1 << 17);
	struct curl_slist *to = curl_slist_append(NULL, m->address);
	CURL *c = curl_easy_init();
	struct ss_str rest;
	int r = SS_ENOMEM;

	compose(n, m, &mail);
	rest = ss_buf_str(&mail);
	if (c && to && !mail.err) {
		curl_easy_setopt(c, CURLOPT_URL, n->s.smtp);
		curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
		curl_easy_setopt(c, CURLOPT_USE_SSL, (long)CURLUSESSL_TRY);
		if (n->s.smtp_user && n->s.smtp_user[0]) {
			curl_easy_setopt(c, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
			curl_easy_setopt(c, CURLOPT_USERNAME, n->s.smtp_user);
			curl_easy_setopt(c, CURLOPT_PASSWORD, n->s.smtp_password);
		}
		curl_easy_setopt(c, CURLOPT_MAIL_FROM, n->s.from);
		curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to);
		curl_easy_setopt(c, CURLOPT_READFUNCTION, give_mail);
		curl_easy_setopt(c, CURLOPT_READDATA, &rest);
		curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(c, CURLOPT_TIMEOUT, SECONDS);
		curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
		r = curl_failed(c, curl_easy_perform(c), err);
	}
	curl_slist_free_all(to);
	curl_easy_cleanup(c);
	return r;
}

/* --- HTTP
 * ------------------------------------------------------------------------------------------- */

static size_t drop_answer(char *p, size_t size, size_t n, void *arg)
{
	(void)p;
	(void)arg;
	return size * n;
}

static struct curl_slist *heads(const struct ss_message *m, const char *time, const char *signature)
{
	struct curl_slist *l =
	    curl_slist_append(NULL, "Content-Type: application/json; charset=utf-8");
	char line[200];

	snprintf(line, sizeof(line), "X-Shanshui-Id: %s", m->id);
	l = curl_slist_append(l, line);
	snprintf(line, sizeof(line), "X-Shanshui-Time: %s", time);
	l = curl_slist_append(l, line);
	snprintf(line, sizeof(line), "X-Shanshui-Signature: hmac-sm3=%s", signature);
	return curl_slist_append(l, line);
}

static int post(CURL *c, const char *url, struct ss_str body, struct curl_slist *head,
		struct ss_error *err)
{
	long status = 0;
	int r;

	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, head);
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.p);
	curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, drop_answer);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, SECONDS);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	r = curl_failed(c, curl_easy_perform(c), err);
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	if (r == 0 && (status < 200 || status >= 300))
		r = ss_error_set(err, SS_EGONE, "对方答 %ld the other side answered %ld", status,
				 status);
	return r;
}

int ss_notify_hook(struct ss_notify *n, const char *url, const struct ss_message *m,
		   struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf body = SS_BUF_MAX(1 << 17);
	char time[SS_TIME_ISO], signature[65];
	struct curl_slist *head = NULL;
	CURL *c = curl_easy_init();
	int r;

	ss_notify_put(m, &body);
	ss_time_fmt_iso(time, ss_time_now());
	r = body.err
		? body.err
		: ss_notify_sign(n->s.webhook_key, ss_str_of(time), ss_buf_str(&body), signature);
	if (r == 0 && c) {
		head = heads(m, time, signature);
		r = post(c, url, ss_buf_str(&body), head, err);
	} else if (r == 0) {
		r = SS_ENOMEM;
	}
	curl_slist_free_all(head);
	curl_easy_cleanup(c);
	return r;
}

/* --- MQTT
 * ------------------------------------------------------------------------------------------- */

static void on_connect(struct mosquitto *m, void *arg, int rc)
{
	struct ss_notify *n = arg;

	(void)m;
	n->mqtt_state = rc == 0 ? 1 : SS_EDENIED;
}

static void on_publish(struct mosquitto *m, void *arg, int mid)
{
	struct ss_notify *n = arg;

	(void)m;
	n->mqtt_sent = mid;
}

void ss_notify_mqtt_close(struct ss_notify *n)
{
	if (!n->mqtt)
		return;
	mosquitto_disconnect(n->mqtt);
	mosquitto_destroy(n->mqtt);
	n->mqtt = NULL;
}

/* Runs the connection until *what is no longer `was`, for a while. */
static int until_changed(struct ss_notify *n, const int *what, int was, int want,
			 struct ss_error *err)
{
	int64_t until = ss_time_mono() + MQTT_SECONDS * SS_US_PER_SEC;
	int rc = MOSQ_ERR_SUCCESS;

	while (rc == MOSQ_ERR_SUCCESS && *what == was && ss_time_mono() < until)
		rc = mosquitto_loop(n->mqtt, 100, 1);
	if (*what != was && (want == 0 || *what == want))
		return 0;
	return ss_error_set(err, SS_EGONE, "MQTT 服务器没有收下：%s the broker did not take it",
			    n->mqtt_state < 0 ? "用户或口令不对 not let in"
					      : mosquitto_strerror(rc));
}

static int mqtt_connect(struct ss_notify *n, struct ss_error *err)
{
	char host[200];
	const char *colon = strrchr(n->s.mqtt, ':');
	int64_t port = 1883;
	int r;

	snprintf(host, sizeof(host), "%.*s",
		 (int)(colon ? (size_t)(colon - n->s.mqtt) : strlen(n->s.mqtt)), n->s.mqtt);
	if (colon && ss_parse_i64(ss_str_of(colon + 1), &port) < 0)
		return ss_error_set(err, SS_EINVAL, "notify.mqtt 写作 host:port is host:port");
	mosquitto_lib_init();
	n->mqtt = mosquitto_new(NULL, true, n);
	n->mqtt_state = 0;
	if (!n->mqtt)
		return SS_ENOMEM;
	mosquitto_connect_callback_set(n->mqtt, on_connect);
	mosquitto_publish_callback_set(n->mqtt, on_publish);
	if (n->s.mqtt_user && n->s.mqtt_user[0])
		mosquitto_username_pw_set(n->mqtt, n->s.mqtt_user, n->s.mqtt_password);
	r = mosquitto_connect(n->mqtt, host, (int)port, 60);
	r = r == MOSQ_ERR_SUCCESS
		? until_changed(n, &n->mqtt_state, 0, 1, err)
		: ss_error_set(err, SS_EGONE, "连不上 MQTT 服务器 %s cannot reach the broker",
			       n->s.mqtt);
	if (r < 0)
		ss_notify_mqtt_close(n);
	return r;
}

/* An account's id goes into the topic: nothing that the broker reads as more. */
static bool topic_is_good(const char *user)
{
	return user[0] && !strpbrk(user, "+#/");
}

int ss_notify_mqtt(struct ss_notify *n, const struct ss_message *m, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf body = SS_BUF_MAX(1 << 17);
	char topic[300];
	int mid = 0, rc, r = n->mqtt ? 0 : mqtt_connect(n, err);

	if (r < 0)
		return r;
	if (!topic_is_good(m->user))
		return ss_error_set(err, SS_EINVAL, "账号不能作主题 the account is no topic");
	ss_notify_put(m, &body);
	snprintf(topic, sizeof(topic), "%s/%s", n->s.mqtt_topic, m->user);
	n->mqtt_sent = -1;
	rc = mosquitto_publish(n->mqtt, &mid, topic, (int)body.n, body.p, 1, false);
	r = rc == MOSQ_ERR_SUCCESS
		? until_changed(n, &n->mqtt_sent, -1, mid, err)
		: ss_error_set(err, SS_EGONE, "MQTT：%s", mosquitto_strerror(rc));
	if (r < 0)
		ss_notify_mqtt_close(n); /* the next try begins anew */
	return r;
}

/* --- programs
 * --------------------------------------------------------------------------------------- */

/* Waits for it at most PROGRAM_US; then it is ended. */
static int wait_for(pid_t pid, struct ss_error *err)
{
	int64_t until = ss_time_mono() + PROGRAM_US;
	int status = 0;
	pid_t got;

	while ((got = waitpid(pid, &status, WNOHANG)) == 0) {
		if (ss_time_mono() > until) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return ss_error_set(err, SS_ETIMEOUT,
					    "适配器程序超时 the program took too long");
		}
		poll(NULL, 0, 20);
	}
	if (got == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (got == pid && WIFEXITED(status) && WEXITSTATUS(status) == 65) /* EX_DATAERR */
		return ss_error_set(err, SS_EINVAL, "适配器拒收 the adapter refuses it");
	return ss_error_set(err, SS_EGONE, "适配器程序以 %d 结束 the program ended with that",
			    WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static int run_program(const char *path, struct ss_str input, struct ss_error *err)
{
	posix_spawn_file_actions_t fa;
	char *argv[] = {(char *)path, NULL};
	int p[2];
	pid_t pid;
	int r;

	if (pipe2(p, O_CLOEXEC) < 0)
		return ss_err_from_errno(errno);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, p[0], STDIN_FILENO);
	posix_spawn_file_actions_addopen(&fa, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	r = posix_spawn(&pid, path, &fa, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	close(p[0]);
	if (r == 0) {
		ssize_t put = write(p[1], input.p, input.n); /* fits the pipe: at most 64 KiB */

		(void)put;
	}
	close(p[1]);
	if (r != 0)
		return ss_error_set(err, SS_EGONE, "适配器程序 %s 起不来 cannot be started", path);
	return wait_for(pid, err);
}

int ss_notify_adapter(struct ss_notify *n, const char *adapter, const struct ss_message *m,
		      struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf body = SS_BUF_MAX(60000);

	if (!adapter || !adapter[0])
		return ss_error_set(err, SS_EINVAL, "没有设适配器 no adapter is set");
	if (adapter[0] != '/')
		return ss_notify_hook(n, adapter, m, err);
	ss_notify_put(m, &body);
	return body.err ? body.err : run_program(adapter, ss_buf_str(&body), err);
}

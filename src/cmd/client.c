#include "cmd/client.h"

#include <curl/curl.h>
#include <stdio.h>

#define SERVER_TIMEOUT_S 600L

static size_t take_answer(char *p, size_t size, size_t n, void *arg)
{
	return ss_buf_add(arg, p, size * n) < 0 ? 0 : size * n;
}

static void url_of(struct ss_buf *url, const char *server, const char *path)
{
	struct ss_str base = ss_str_of(server);

	while (ss_str_ends(base, SS_STR("/")))
		base.n--;
	ss_buf_adds(url, base);
	ss_buf_addz(url, path);
}

static void prepare(CURL *c, const char *method, const char *url, struct ss_str body,
		    struct curl_slist *head, struct ss_buf *answer)
{
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
	if (head) {
		curl_easy_setopt(c, CURLOPT_HTTPHEADER, head);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.p);
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
	}
	/* In the environment, not in the words: those stand in every list of processes. */
	if (getenv("SHANSHUI_TOKEN")) {
		curl_easy_setopt(c, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
		curl_easy_setopt(c, CURLOPT_XOAUTH2_BEARER, getenv("SHANSHUI_TOKEN"));
	}
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, SERVER_TIMEOUT_S);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
}

long ss_client(const char *method, const char *server, const char *path, const char *type,
	       struct ss_str body, struct ss_buf *answer, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf url = SS_BUF_MAX(4096);
	char content[100];
	struct curl_slist *head = NULL;
	CURL *c = curl_easy_init();
	long status = 0;
	CURLcode r = CURLE_OUT_OF_MEMORY;

	url_of(&url, server, path);
	if (type) {
		snprintf(content, sizeof(content), "Content-Type: %s", type);
		head = curl_slist_append(NULL, content);
	}
	if (c && !url.err && (head || !type)) {
		prepare(c, method, url.p, body, head, answer);
		r = curl_easy_perform(c);
		curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	}
	curl_easy_cleanup(c);
	curl_slist_free_all(head);
	if (r != CURLE_OK)
		return ss_error_set(err, SS_EGONE,
				    "%s: 连不上服务；the server cannot be reached: %s", server,
				    curl_easy_strerror(r));
	return status;
}

json_t *ss_client_object(long status, const struct ss_buf *answer)
{
	struct ss_error e = {0};
	json_t *j = NULL;
	const char *title, *detail;

	if (ss_json_parse(ss_buf_str(answer), &j, &e) < 0 || !json_is_object(j)) {
		fprintf(stderr, "HTTP %ld\n" SS_STR_FMT "\n", status,
			SS_STR_ARG(ss_buf_str(answer)));
		json_decref(j);
		return NULL;
	}
	if (status < 300)
		return j;
	title = json_string_value(json_object_get(j, "title")); /* RFC 9457 */
	detail = json_string_value(json_object_get(j, "detail"));
	fprintf(stderr, "HTTP %ld %s: %s\n", status, title ? title : "", detail ? detail : "");
	json_decref(j);
	return NULL;
}

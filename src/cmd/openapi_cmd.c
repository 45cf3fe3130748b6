/* openapi: the contract of the API as the server answers it, without a server. */
#include "cmd/cmd.h"
#include "cmd/words.h"
#include "serve/api/api.h"
#include "serve/http/http.h"

static const struct ss_option options[] = {{0}};

static int usage(void)
{
	fputs("用法 usage: shanshui openapi\n"
	      "印出接口的 OpenAPI 3.1；业务模块的类型只在运行的服务上有 "
	      "prints the OpenAPI 3.1 of the API; types of modules are on a running server only\n",
	      stderr);
	return 2;
}

static int run(const void *settings)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(16u << 20);
	const struct ss_route *routes;
	struct ss_error err = {0};
	const char *schemas;
	int r;

	(void)settings;
	r = ss_api_table(&routes, &schemas, &err);
	if (r == 0)
		r = ss_http_openapi(routes, schemas, &out);
	if (r < 0)
		return ss_words_failed(r, &err);
	ss_buf_addc(&out, '\n');
	return fwrite(out.p, 1, out.n, stdout) == out.n && fflush(stdout) == 0 ? 0 : 1;
}

int ss_cmd_openapi(int argc, char **argv)
{
	return ss_words_run(&(struct ss_words){options, NULL, usage, .alone = run}, argc, argv, 1);
}

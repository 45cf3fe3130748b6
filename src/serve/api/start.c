#include "reason/standards/standards.h"
#include "serve/api/things.h"

/* The declared types, as they are at that moment. */
static int type_schemas(void *app, json_t **ret)
{
	const struct ss_api *api = app;

	*ret = NULL;
	return api->things ? ss_things_schemas(api->things, ret) : 0;
}

int ss_api_start(const struct ss_http_settings *s, struct ss_api *api, struct ss_http **ret,
		 struct ss_error *err)
{
	struct ss_http_settings set = *s;
	const struct ss_route *routes = NULL;
	const char *schemas = NULL;
	struct ss_http *h;
	int r = ss_standards_load(err);

	set.more_schemas = type_schemas;
	if (r == 0)
		r = ss_api_table(&routes, &schemas, err);
	if (r == 0)
		r = ss_http_start(&set, routes, schemas, api, &h, err);
	if (r < 0)
		return r;
	if (api->hub) {
		r = ss_http_stream(h, SS_API_LIVE_PATH, SS_API_LIVE_PERMISSION, api->hub);
		if (r < 0) {
			ss_http_stop(h);
			return ss_error_set(err, r, "实时流起不来；the live stream did not start");
		}
	}
	api->http = h;
	*ret = h;
	return 0;
}

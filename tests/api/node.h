/* A whole node in this process and in a folder of its own, for tests that ask it over HTTP. */
#pragma once

#include "contract.h"

#include <unistd.h>

#include "base/os.h"
#include "cmd/node.h"

/* The settings of a node that is alone on the machine; the test changes them before node_start. */
static inline void node_prepare(const char *name, char dir[64], struct ss_config **config,
				struct ss_node_settings *set)
{
	snprintf(dir, 64, "/tmp/ss-%s-test-XXXXXX", name);
	assert_non_null(mkdtemp(dir));
	*config = ss_config_new();
	assert_int_equal(ss_node_options(*config, set), 0);
	set->data = dir;
	set->log_level = "error";
	set->http.listen = set->gateway.listen = "127.0.0.1:0";
	set->gateway.threads = 1;
}

/* Its HTTP port. */
static inline int node_start(struct ss_node *node, struct ss_node_settings *set)
{
	struct ss_error err = {0};

	client_checks = contract_check;
	if (ss_node_open(node, set, &err) < 0)
		fail_msg("%s", err.text);
	return ss_http_port(node->http);
}

/* Ends it and removes its folder; 0, or what cmocka takes as a failure. */
static inline int node_end(struct ss_node *node, struct ss_config *config, const char *dir)
{
	ss_node_close(node);
	ss_config_free(config);
	return ss_rmtree(dir);
}

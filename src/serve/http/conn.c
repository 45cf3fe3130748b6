/* Connections and their deadlines. MHD ends a connection that is silent; one that drips a byte now
 * and then it keeps for ever. So each step (head, body, answer) has its time here, and the keeper
 * shuts the socket down when it is over: MHD then sees the end and cleans up in its own thread. */
#include "serve/http/http_internal.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/thread.h"

static bool is_loopback(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr) >>
			   24 ==
		       127;
	if (sa->sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(
		    &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr);
	return false;
}

static void address_of(const struct sockaddr *sa, char *out, size_t cap)
{
	const void *at =
	    sa->sa_family == AF_INET
		? (const void *)&((const struct sockaddr_in *)(const void *)sa)->sin_addr
		: (const void *)&((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;

	if (!inet_ntop(sa->sa_family, at, out, (socklen_t)cap))
		out[0] = 0;
}

void ss_conn_network(const struct sockaddr *sa, char out[SS_NETWORK])
{
	const struct sockaddr_in6 *v6 = (const void *)sa;
	struct in6_addr net = {0};
	char text[INET6_ADDRSTRLEN] = "";

	if (sa->sa_family != AF_INET6 || IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		address_of(sa, out, SS_NETWORK);
		return;
	}
	memcpy(&net, &v6->sin6_addr, 8);
	if (!inet_ntop(AF_INET6, &net, text, sizeof(text)))
		text[0] = 0;
	snprintf(out, SS_NETWORK, "%s/64", text);
}

struct ss_conn *ss_conn_add(struct ss_conns *t, struct MHD_Connection *mhd, int64_t deadline)
{
	const union MHD_ConnectionInfo *fd =
	    MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
	const union MHD_ConnectionInfo *ad =
	    MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct ss_conn *c = calloc(1, sizeof(*c));

	if (!c || !fd) {
		free(c);
		return NULL;
	}
	c->fd = fd->connect_fd;
	c->local = ad && ad->client_addr && is_loopback(ad->client_addr);
	if (ad && ad->client_addr) {
		address_of(ad->client_addr, c->address, sizeof(c->address));
		ss_conn_network(ad->client_addr, c->network);
	}
	atomic_init(&c->deadline, deadline);
	SS_LOCKED(&t->lock);
	c->next = t->head;
	if (t->head)
		t->head->prev = c;
	t->head = c;
	atomic_fetch_add(&t->count, 1);
	return c;
}

void ss_conn_del(struct ss_conns *t, struct ss_conn *c)
{
	pthread_mutex_lock(&t->lock);
	if (c->prev)
		c->prev->next = c->next;
	else
		t->head = c->next;
	if (c->next)
		c->next->prev = c->prev;
	atomic_fetch_sub(&t->count, 1);
	pthread_mutex_unlock(&t->lock);
	free(c);
}

/* MHD tells of the end before it closes the descriptor, and ss_conn_del waits for this lock: so no
 * descriptor here is one that was closed and given to something else. */
int ss_conns_reap(struct ss_conns *t, int64_t now)
{
	int n = 0;

	SS_LOCKED(&t->lock);
	for (struct ss_conn *c = t->head; c; c = c->next) {
		if (atomic_load_explicit(&c->deadline, memory_order_relaxed) > now)
			continue;
		shutdown(c->fd, SHUT_RDWR);
		atomic_store_explicit(&c->deadline, INT64_MAX, memory_order_relaxed);
		n++;
	}
	return n;
}

-- Organisations, accounts, assignments, sessions, tokens: a JSON text a row, each with an HMAC-SM3 under
-- the node's access key, so that a row changed by anything else is refused.
create table access_row (
	kind text not null,
	id text not null,
	body text not null,
	mac bytea not null,
	primary key (kind, id)
);

-- Who did what. Rows are added and never changed: each chain value covers all rows up to it.
create table audit (
	seq bigint primary key,
	at_us bigint not null,
	status bigint not null,
	actor text not null,
	via text not null,
	origin text not null,
	session text not null,
	request text not null,
	action text not null,
	target text not null,
	outcome text not null,
	detail text not null,
	chain bytea not null
);
create index audit_at on audit (at_us);
create index audit_actor on audit (actor, seq);
create index audit_action on audit (action, seq);
create index audit_spooled on audit (request) where via = 'cli';

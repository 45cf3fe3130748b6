-- Records of declared types. What a record is now stands in a table of its type (t_<type>, with
-- g_<type> for the search), made from the declaration and remade from here; here is what is kept.
create table thing (
	id text primary key,
	type text not null,
	n bigint not null,
	version bigint not null,
	state text not null,
	alias_of text,
	created_us bigint not null,
	created_by text not null
);
create index thing_type_id on thing (type, id);
create index thing_alias on thing (alias_of) where alias_of is not null;

-- Never changed. Holds from valid_from to valid_to (exclusive); of two that hold, the higher version.
create table thing_version (
	id text not null,
	version bigint not null,
	op text not null,
	valid_from_us bigint not null,
	valid_to_us bigint not null,
	recorded_us bigint not null,
	user_id text not null,
	user_name text not null,
	reason text not null,
	label bigint not null,
	body text not null,
	primary key (id, version)
);

-- Moments at which another version of a record begins to hold.
create table thing_due (
	at_us bigint not null,
	id text not null,
	primary key (at_us, id)
);

create table thing_ref (
	from_id text not null,
	field text not null,
	to_id text not null,
	primary key (from_id, field, to_id)
);
create index thing_ref_to on thing_ref (to_id, field);

create table thing_link (
	from_id text not null,
	kind text not null,
	to_id text not null,
	at_us bigint not null,
	by_user text not null,
	primary key (from_id, kind, to_id)
);
create index thing_link_to on thing_link (to_id);

create table thing_number (
	series text primary key,
	n bigint not null
);

-- The columns that t_<type> has.
create table thing_shape (
	type text primary key,
	shape text not null
);

create table thing_merge (
	id text primary key,
	type text not null,
	winner text not null,
	loser text not null,
	version_before bigint not null,
	version_after bigint not null,
	at_us bigint not null,
	by_user text not null,
	undone_us bigint
);
create index thing_merge_winner on thing_merge (winner);

create table thing_pair (
	a text not null,
	b text not null,
	type text not null,
	score bigint not null,
	why text not null,
	state text not null,
	at_us bigint not null,
	by_user text not null,
	primary key (a, b)
);
create index thing_pair_type on thing_pair (type, state, score);

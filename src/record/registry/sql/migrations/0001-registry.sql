-- Sites, the devices that report from them, and the unknown devices that were heard.
-- Times: microseconds UTC. Degrees: CGCS2000. Ids: handed out by the program.
create table site (
	id bigint primary key,
	uid text not null unique,
	code text not null unique,
	name text not null,
	kind text not null,
	district text not null,
	lon double precision,
	lat double precision,
	state text not null,
	updated_us bigint not null
);
create table device (
	mn text primary key,
	site_id bigint not null references site (id),
	point text not null,
	edition text not null,
	system text not null,
	pw text not null,
	accept_wrong_len smallint not null,
	accept_modbus_crc smallint not null,
	stamps_period_end smallint not null,
	sm4_key bytea,
	interval_s integer not null,
	registered_us bigint not null,
	updated_us bigint not null
);
create index device_site on device (site_id);
-- Sequence numbers of the journal are unsigned inside and stay below 2^63.
create table device_unknown (
	mn text primary key,
	system text not null,
	peer text not null,
	first_us bigint not null,
	last_us bigint not null,
	frames bigint not null,
	first_seq bigint not null,
	last_seq bigint not null
);

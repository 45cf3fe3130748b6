-- What was asked of devices and what came of it; what they owe by their arrival contract, and the
-- gaps in it. Times: microseconds UTC. Ids: handed out by the program.
create table device_command (
	id bigint primary key,
	mn text not null,
	cn integer not null,
	cp text not null,
	secret smallint not null,
	origin smallint not null,
	by_whom text not null,
	reason text not null,
	gap_id bigint not null,
	state smallint not null,
	asked_us bigint not null,
	expires_us bigint not null,
	sent_us bigint not null,
	done_us bigint not null,
	code integer not null,
	qn_rtn integer not null,
	exe_rtn integer not null,
	sent integer not null,
	frames integer not null,
	qn text not null,
	data text not null
);
create index device_command_mn on device_command (mn, id);
create index device_command_state on device_command (state);
create table device_contract (
	mn text not null,
	cn integer not null,
	interval_s integer not null,
	by_whom text not null,
	declared_us bigint not null,
	primary key (mn, cn)
);
create table device_gap (
	id bigint primary key,
	mn text not null,
	cn integer not null,
	from_us bigint not null,
	to_us bigint not null,
	interval_us bigint not null,
	expected integer not null,
	missing integer not null,
	state smallint not null,
	asked integer not null,
	idle integer not null,
	next_us bigint not null,
	found_us bigint not null,
	closed_us bigint not null,
	why text not null
);
create index device_gap_mn on device_gap (mn, cn, from_us);
create index device_gap_state on device_gap (state, id);

-- Cases: where a record stands in its flow. A case has the id of its record. Rows of trace and
-- firing are only ever added.
create table flow_case (
	id text primary key,
	flow text not null,
	version bigint not null,
	state text not null,
	step bigint not null,       -- grows with every state entered
	n bigint not null,          -- entries of the trace
	area text not null,
	org text not null,
	owner text not null,        -- who opened it
	title text not null,
	parent text,
	opened_us bigint not null,
	entered_us bigint not null,
	closed_us bigint,
	suspended_us bigint,
	resume_us bigint,
	supervised_us bigint        -- put under supervision (督办)
);
create index flow_case_list on flow_case (flow, state, opened_us);
create index flow_case_parent on flow_case (parent) where parent is not null;
create index flow_case_resume on flow_case (resume_us) where resume_us is not null;

create table flow_task (
	id text primary key,
	case_id text not null references flow_case (id),
	step bigint not null,
	state text not null,
	kind text not null,         -- work sign
	roles text not null,        -- JSON list
	area text not null,         -- '' = anywhere
	org text not null,          -- '' = any
	person text,                -- who has it
	person_name text,
	offer text,                 -- JSON: offered to {user,name} or {area}
	offered_us bigint,
	urged bigint not null default 0,
	created_us bigint not null,
	claimed_us bigint,
	done_us bigint,
	outcome text
);
create index flow_task_case on flow_task (case_id);
create index flow_task_person on flow_task (person) where done_us is null;
create index flow_task_open on flow_task (area, created_us) where done_us is null;

create table flow_clock (
	id text primary key,
	case_id text not null references flow_case (id),
	clock text not null,        -- id in the declaration
	state text not null,        -- '' = of the whole flow
	step bigint not null,
	title text not null,        -- JSON {zh,en}
	n bigint not null,
	unit text not null,
	law text not null,          -- 'table/key', '' = none
	law_version text not null,
	sure bigint not null,
	extended bigint not null default 0,
	start_us bigint not null,
	last_day bigint,            -- of the period, not moved to a working day
	due_us bigint,              -- NULL while paused
	next_step bigint not null,  -- of the ladder
	next_us bigint,             -- when it fires; NULL: not running
	done_us bigint
);
create index flow_clock_case on flow_clock (case_id);
create index flow_clock_next on flow_clock (next_us) where next_us is not null;
create index flow_clock_open on flow_clock (law_version) where done_us is null;

-- A step of a ladder that fired. The key is what makes it once.
create table flow_firing (
	clock_id text not null references flow_clock (id),
	step bigint not null,
	case_id text not null,
	act text not null,
	due_us bigint not null,
	fired_us bigint not null,
	late_us bigint not null,
	primary key (clock_id, step)
);
create index flow_firing_case on flow_firing (case_id);

create table flow_pause (
	id text primary key,
	case_id text not null references flow_case (id),
	kind text not null,
	from_us bigint not null,
	to_us bigint,
	note text not null,
	document text,
	by_id text not null,
	by_name text not null
);
create index flow_pause_case on flow_pause (case_id);

create table flow_sign (
	id text primary key,
	case_id text not null references flow_case (id),
	step bigint not null,
	kind text not null,         -- leave added countersign
	leave_to text not null,     -- state, '' = any
	round text not null,        -- signatures asked for together
	rule text not null,
	person text not null,
	person_name text not null,
	verdict text,               -- agree disagree
	note text not null,
	asked_us bigint not null,
	signed_us bigint,
	unique (case_id, step, kind, leave_to, round, person)
);
create index flow_sign_case on flow_sign (case_id);

create table flow_trace (
	case_id text not null references flow_case (id),
	n bigint not null,
	at_us bigint not null,
	by_id text not null,
	by_name text not null,
	act text not null,
	from_state text not null,
	to_state text not null,
	step bigint not null,
	note text not null,
	data text not null,         -- JSON object
	ask text,                   -- id the asker gave, so that asking again does nothing
	primary key (case_id, n)
);
create unique index flow_trace_ask on flow_trace (case_id, ask) where ask is not null;
create index flow_trace_person on flow_trace (by_id, at_us);

create table flow_link (
	case_id text not null references flow_case (id),
	kind text not null,
	ref text not null,
	title text not null,
	by_id text not null,
	by_name text not null,
	at_us bigint not null,
	primary key (case_id, kind, ref)
);
create index flow_link_ref on flow_link (kind, ref);

create table flow_file (
	id text primary key,
	case_id text not null references flow_case (id),
	digest text not null,
	kind text not null,
	name text not null,
	type text not null,
	size bigint not null,
	about text not null,        -- JSON: position, time taken, device; {} = nothing
	state text not null,
	step bigint not null,
	by_id text not null,
	by_name text not null,
	at_us bigint not null
);
create index flow_file_case on flow_file (case_id);
create index flow_file_digest on flow_file (digest);

create table flow_document (
	id text primary key,
	case_id text not null references flow_case (id),
	document text not null,     -- id in the declaration
	version bigint not null,
	number text not null,
	title text not null,
	html text not null,
	digest text not null,       -- SM3 of html
	state text not null,
	by_id text not null,
	by_name text not null,
	at_us bigint not null,
	frozen_us bigint,           -- served: no further version
	void_us bigint,
	void_reason text,
	unique (case_id, document, version)
);

-- Notices to people, what goes out by other ways, and what is told to the next one when nobody takes it on.
-- shown, opened and accepted are three facts: the person's page had it, he opened it, he took it on.
create table notice (
	id text primary key,
	to_user text not null,
	chain text not null,
	module text not null,
	level text not null,
	title_zh text not null,
	title_en text not null,
	body_zh text not null,
	body_en text not null,
	link text not null,
	created_us bigint not null,
	shown_us bigint,
	opened_us bigint,
	accepted_us bigint
);
create index notice_of on notice (to_user, id);
create index notice_chain_of on notice (chain);

-- One message by one way. state: waiting, sent (handed over), failed (given up), and by receipt: arrived, read, bounced.
create table notice_out (
	id text primary key,
	notice text not null,
	way text not null,
	address text not null,
	state text not null,
	tries bigint not null,
	next_us bigint not null,
	sent_us bigint,
	receipt_us bigint,
	error text not null
);
create index notice_out_due on notice_out (state, next_us);
create index notice_out_of on notice_out (notice);

-- A notice that goes to the next ones when nobody accepted it. steps: JSON; step: the next one.
create table notice_chain (
	id text primary key,
	content text not null,
	steps text not null,
	step bigint not null,
	due_us bigint not null,
	done bigint not null
);
create index notice_chain_due on notice_chain (done, due_us);

-- Where a person wants to be told besides the page, and when not. Minutes of the day; equal = never quiet.
create table notice_pref (
	user_id text primary key,
	mail text not null,
	sms text not null,
	wechat text not null,
	quiet_from bigint not null,
	quiet_to bigint not null
);

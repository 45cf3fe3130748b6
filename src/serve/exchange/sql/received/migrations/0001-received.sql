-- What was taken from whom, once a number.
create table exchange_received (
	sender text not null,
	epoch bigint not null,
	sequence bigint not null,
	schema_name text not null,
	made_us bigint not null,
	taken_us bigint not null,
	sm3 text not null,
	package text not null,
	primary key (sender, epoch, sequence)
);

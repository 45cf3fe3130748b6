-- What left for whom: numbers run without a gap for each receiver, from 1 in each epoch of the node.
create table exchange_sent (
	receiver text not null,
	epoch bigint not null,
	sequence bigint not null,
	schema_name text not null,
	made_us bigint not null,
	sm3 text not null,
	primary key (receiver, epoch, sequence)
);

-- When each schedule of a module last ran: the start of that period. The mark and what the run did are one transaction.
create table module_every (
	id text primary key,
	period bigint not null,
	ran_us bigint not null
);

-- Events from outside the business database (alarms) that a module was told: once. error: it failed thrice and was set aside.
create table module_event (
	module text not null,
	event text not null,
	about text not null,
	done_us bigint not null,
	error text not null,
	primary key (module, event, about)
);

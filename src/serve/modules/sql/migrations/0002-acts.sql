-- Acts (limit.set) that a step of a module decided on, written in the step's transaction and taken out when the journal has them.
-- error: the journal does not take it, a person has to look.
create table module_act (
	id text primary key,
	act text not null,
	made_us bigint not null,
	error text not null
);

-- What has been done to this database, one row a migration.
create table if not exists schema_migration (
	feature text not null,
	number bigint not null,
	name text not null,
	digest text not null,
	applied_us bigint not null,
	primary key (feature, number)
)

-- Tables and views that are not the engine's own.
select count(*) from sqlite_master where type in ('table', 'view') and name not like 'sqlite\_%' escape '\'

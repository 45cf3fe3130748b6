-- Whether a module was told of it.
select error from module_event where module = $1 and event = $2 and about = $3

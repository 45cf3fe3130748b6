-- The period that a schedule last ran for.
select period from module_every where id = $1

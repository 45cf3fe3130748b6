-- The journal has it. $1 id
delete from module_act where id = $1

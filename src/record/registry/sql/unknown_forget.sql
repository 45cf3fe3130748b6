-- $1 mn.
delete from device_unknown where mn = $1

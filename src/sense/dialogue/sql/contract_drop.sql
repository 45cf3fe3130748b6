delete from device_contract where mn = $1 and cn = $2

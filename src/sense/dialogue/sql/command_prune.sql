delete from device_command where asked_us < $1 and state > 1

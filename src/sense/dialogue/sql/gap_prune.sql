delete from device_gap where to_us < $1 and state <> 0

select coalesce(max(id), 0) from device_gap

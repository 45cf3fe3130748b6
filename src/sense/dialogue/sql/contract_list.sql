select mn, cn, interval_s, by_whom, declared_us from device_contract

select mn, system, peer, first_us, last_us, frames, first_seq, last_seq from device_unknown order by mn

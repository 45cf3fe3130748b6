select min(at_us) from thing_due

-- Clocks of a case that no declaration speaks of any more: of this law, without a next firing. $1 case, $2 law
update flow_clock set law_version = $2, next_us = null where case_id = $1 and done_us is null

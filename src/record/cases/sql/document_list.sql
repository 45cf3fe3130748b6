-- Documents without their text. $1 case
select id, document, version, number, title, digest, state, by_id, by_name, at_us, frozen_us, void_us, void_reason
from flow_document where case_id = $1 order by at_us, id

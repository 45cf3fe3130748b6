-- One document. $1 case, $2 id
select id, document, version, number, title, html, digest, at_us, frozen_us, void_us, void_reason
from flow_document where case_id = $1 and id = $2

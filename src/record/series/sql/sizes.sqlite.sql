SELECT (SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()),
	(SELECT coalesce(sum(length(data)), 0) FROM series_block),
	(SELECT coalesce(sum(length(hours)), 0) FROM series_day)

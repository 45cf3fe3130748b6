UPDATE series s SET count = n.count, first_us = n.first_us, last_us = n.last_us,
	last_value = CASE WHEN n.last_value = 'NaN' THEN NULL ELSE n.last_value END, last_mark = n.last_mark
FROM series_new_state n WHERE n.id = s.id

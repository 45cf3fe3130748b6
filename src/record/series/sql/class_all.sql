SELECT id, factor, stat, period FROM series_class ORDER BY id

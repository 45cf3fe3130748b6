SELECT count(*) FROM series_version WHERE no = 0

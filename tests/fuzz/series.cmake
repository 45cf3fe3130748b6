ss_fuzz(series_block SOURCES fuzz/series_block_fuzz.c DEPENDS series_pure base)

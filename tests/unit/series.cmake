ss_test(unit series_block SOURCES unit/series_block_test.c DEPENDS series_pure base)
ss_test(unit series_rollup SOURCES unit/series_rollup_test.c DEPENDS series_pure base)

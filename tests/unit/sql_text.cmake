ss_test(unit sql_text SOURCES unit/sql_text_test.c DEPENDS db base)

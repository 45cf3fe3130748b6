ss_test(unit uuid SOURCES unit/uuid_test.c DEPENDS base)

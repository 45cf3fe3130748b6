ss_test(db device_cmd SOURCES db/device_cmd_test.c DEPENDS device_cmd registry db base)

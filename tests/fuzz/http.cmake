ss_fuzz(http SOURCES fuzz/http_fuzz.c DEPENDS api)

ss_fuzz(geo SOURCES fuzz/geo_fuzz.c DEPENDS geo)

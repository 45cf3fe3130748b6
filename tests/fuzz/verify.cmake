ss_fuzz(verify SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/verify_fuzz.c DEPENDS verify)

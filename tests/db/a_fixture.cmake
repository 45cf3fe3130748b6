# The private PostgreSQL of the tests: DEPENDS pg_fixture
add_library(ss_pg_fixture STATIC db/pg_fixture.c)
target_include_directories(ss_pg_fixture PUBLIC ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(ss_pg_fixture PUBLIC ss_db cmocka PkgConfig::PQ)

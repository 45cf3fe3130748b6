# A line with derivers of the test's own: DEPENDS line_fixture
add_library(ss_line_fixture STATIC db/line_fixture.c)
target_link_libraries(ss_line_fixture PUBLIC ss_pg_fixture ss_node)

if(TARGET ss_node)
  ss_test(api cases SOURCES api/cases_test.c api/client.c api/contract.c DEPENDS node)
endif()

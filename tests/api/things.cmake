if(TARGET ss_node)
  ss_test(api things SOURCES api/things_test.c api/client.c api/contract.c DEPENDS node things_stage)
endif()

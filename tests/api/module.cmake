if(TARGET ss_node)
  ss_test(api module SOURCES api/module_test.c api/client.c api/contract.c DEPENDS node modules)
endif()

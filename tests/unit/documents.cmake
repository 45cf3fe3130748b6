if(TARGET ss_documents)
  ss_test(unit documents SOURCES unit/documents_test.c DEPENDS documents base)
endif()

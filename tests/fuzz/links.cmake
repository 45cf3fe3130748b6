if(TARGET ss_links)
  ss_fuzz(links SOURCES fuzz/links_fuzz.c DEPENDS links journal base)
endif()

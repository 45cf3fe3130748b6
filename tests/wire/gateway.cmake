# The gateway over real sockets on loopback.
foreach(part answer session command)
  ss_test(wire gateway_${part}
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/gateway_${part}_test.c ${CMAKE_CURRENT_LIST_DIR}/gateway_util.c
    DEPENDS gateway registry journal hj212 db base TIMEOUT 600)
endforeach()

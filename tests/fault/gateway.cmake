# What the gateway does when disk, network, descriptors or peers misbehave.
foreach(part fault halfopen)
  ss_test(fault gateway_${part}
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/gateway_${part}_test.c
      ${CMAKE_CURRENT_LIST_DIR}/../wire/gateway_util.c
    DEPENDS gateway registry journal hj212 db base TIMEOUT 900)
endforeach()

# Cutting a text short with snprintf is meant where it is done:.
# Warnings, sanitizers, release hardening. SS_SANITIZE: "", address (with undefined), thread, fuzz.
set(SS_SANITIZE "" CACHE STRING "address, thread, fuzz or empty")
option(SS_WERROR "Warnings are errors" ON)

add_compile_options(-Wall -Wextra -Wshadow -Wstrict-prototypes -Wvla -Wundef -Wwrite-strings
  -Wformat=2 -Wmissing-prototypes -Wpointer-arith -fno-strict-aliasing -fno-delete-null-pointer-checks)
if(SS_WERROR)
  add_compile_options(-Werror)
endif()
add_compile_definitions(_GNU_SOURCE _FILE_OFFSET_BITS=64 SS_VERSION="${PROJECT_VERSION}")

find_program(SS_LLD ld.lld)
if(SS_LLD)
  add_link_options(-fuse-ld=lld) # some three hundred programs are linked, three times in ./check
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-fstack-protector-strong -fstack-clash-protection -ftrivial-auto-var-init=zero)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    add_compile_options(-fcf-protection)
  endif()
  add_compile_definitions(_FORTIFY_SOURCE=2)
  add_link_options(-pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()

if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-format-truncation)
  if(SS_SANITIZE)
    add_compile_options(-Wno-maybe-uninitialized) # gcc sees ghosts in instrumented code
  endif()
endif()
if(SS_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(SS_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
elseif(SS_SANITIZE STREQUAL "fuzz")
  add_compile_options(-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

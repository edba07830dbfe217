# Warnings, sanitizers and hardening: one interface target that every target of ours links.
add_library(carillon_options INTERFACE)
target_compile_options(carillon_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports a false -Wrestrict for "literal" + string.
  target_compile_options(carillon_options INTERFACE -Wno-restrict)
endif()
target_include_directories(carillon_options INTERFACE "${PROJECT_SOURCE_DIR}")

set(CARILLON_SANITIZE "" CACHE STRING "address (with undefined) or thread")
if(CARILLON_SANITIZE STREQUAL "address")
  target_compile_options(carillon_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(carillon_options INTERFACE -fsanitize=address,undefined)
elseif(CARILLON_SANITIZE STREQUAL "thread")
  target_compile_options(carillon_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(carillon_options INTERFACE -fsanitize=thread)
elseif(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  # No path of the machine that built it is in what is installed.
  target_compile_options(carillon_options INTERFACE "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")
  target_compile_options(carillon_options INTERFACE
    -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fcf-protection)
  target_link_options(carillon_options INTERFACE -Wl,-z,relro,-z,now)
endif()
if(CARILLON_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # The sanitizers' checks hide from g++ 12 which member of a variant lives.
  target_compile_options(carillon_options INTERFACE -Wno-maybe-uninitialized)
endif()
if(CARILLON_FUZZ)
  # The libraries carry the coverage counters, the fuzz targets link libFuzzer itself.
  target_compile_options(carillon_options INTERFACE
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(carillon_options INTERFACE -fsanitize=address,undefined)
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE}")
endif()

# The same suites in other clothes: AddressSanitizer with UBSan, ThreadSanitizer, and short fuzzing (labels sanitizers,
# fuzz). They are built by presets of their own (asan, tsan, fuzz); the tests of this build run those binaries, so that
# one ctest call counts everything. A binary that was not built is a skipped test, or a failed one when
# CARILLON_REQUIRE_ALL is set, as scripts/test does.
set(sanitizers_run "${CMAKE_CURRENT_LIST_DIR}/run.sh")

set(suites "")
foreach(module base db channels templates audience access campaigns scheduler responses reports desk server app)
  if(TARGET test_${module})
    list(APPEND suites test_${module})
  endif()
endforeach()

if(CARILLON_SANITIZE)
  add_custom_target(sanitized_tests DEPENDS ${suites} test_database)
  return()
endif()

foreach(sanitizer asan tsan)
  set(folder "${PROJECT_SOURCE_DIR}/build/${sanitizer}/tests")
  foreach(suite IN LISTS suites)
    string(REPLACE "test_" "" name "${suite}")
    # Time limits and speed are judged in the ordinary build.
    add_test(NAME ${sanitizer}.${name}
      COMMAND "${sanitizers_run}" ${sanitizer} "${folder}/${suite}" "~[timing]" --order rand --rng-seed time)
    set_tests_properties(${sanitizer}.${name} PROPERTIES LABELS sanitizers TIMEOUT 900 SKIP_RETURN_CODE 77)
  endforeach()
  add_test(NAME ${sanitizer}.database COMMAND "${sanitizers_run}" ${sanitizer} "${folder}/test_database" "~[timing]")
  set_tests_properties(${sanitizer}.database PROPERTIES LABELS sanitizers TIMEOUT 1200 SKIP_RETURN_CODE 77
    ENVIRONMENT "CARILLON_TEST_ENGINE=sqlite")
endforeach()

set(FUZZ_SECONDS 20 CACHE STRING "how long each fuzz target runs as a test")
file(GLOB fuzzers CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/tests/fuzz" "${PROJECT_SOURCE_DIR}/tests/fuzz/*_fuzz.cpp")
foreach(source IN LISTS fuzzers)
  string(REPLACE "_fuzz.cpp" "" name "${source}")
  add_test(NAME fuzz.${name} COMMAND "${sanitizers_run}" fuzz
    "${PROJECT_SOURCE_DIR}/build/fuzz/tests/fuzz/fuzz_${name}" ${FUZZ_SECONDS} "${PROJECT_BINARY_DIR}/corpus/${name}")
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 300 SKIP_RETURN_CODE 77)
endforeach()

# Fault tests: a campaign into a sink that keeps a synced log, a fault, and a judge that joins log and database.
# Short versions run with the other tests (label faults); scripts/faults --full runs the long ones.
add_executable(durable_sink "${CMAKE_CURRENT_SOURCE_DIR}/faults/durable_sink.cpp")
target_link_libraries(durable_sink PRIVATE carillon_options carillon_base)
if(NOT CARILLON_SANITIZE)  # which wants to be loaded first itself
  add_library(kill_at MODULE "${CMAKE_CURRENT_SOURCE_DIR}/faults/kill_at.cpp")
  target_link_libraries(kill_at PRIVATE carillon_options ${CMAKE_DL_LIBS})
endif()

function(carillon_fault_test script)
  cmake_parse_arguments(ARG "" "" "ENGINES;ARGUMENTS" ${ARGN})
  foreach(engine IN LISTS ARG_ENGINES)
    add_test(NAME faults.${script}.${engine} COMMAND /usr/bin/python3
      "${CMAKE_CURRENT_SOURCE_DIR}/faults/${script}.py" --engine ${engine} ${ARG_ARGUMENTS})
    # One at a time: each is a small bank with its own servers, and some measure time.
    set_tests_properties(faults.${script}.${engine} PROPERTIES LABELS faults TIMEOUT 600 RUN_SERIAL TRUE
      SKIP_RETURN_CODE 77 ENVIRONMENT "CARILLON_BUILD=${PROJECT_BINARY_DIR}")
  endforeach()
endfunction()

if(TARGET carillon)
  carillon_fault_test(kill_sender ENGINES sqlite mariadb ARGUMENTS --rounds 10 --messages 5000)
  carillon_fault_test(kill_database ENGINES mariadb ARGUMENTS --rounds 3 --messages 3000)
  carillon_fault_test(kill_channels ENGINES sqlite mariadb ARGUMENTS --rounds 8 --messages 1000)
  carillon_fault_test(kill_letters ENGINES sqlite ARGUMENTS --step 3)
  carillon_fault_test(ask_in_time ENGINES sqlite)
  carillon_fault_test(wait_for_cut_off ENGINES sqlite)
  carillon_fault_test(drop_answers ENGINES sqlite mariadb)
  carillon_fault_test(stop_gently ENGINES sqlite mariadb)
  carillon_fault_test(share_work ENGINES sqlite mariadb)
  carillon_fault_test(pause_and_resume ENGINES sqlite mariadb)
  carillon_fault_test(fill_disk ENGINES sqlite)
endif()

# Acceptance: an experiment that others have published, through the command line to the printed digits.
if(TARGET carillon)
  foreach(engine sqlite mariadb)
    add_test(NAME acceptance.hillstrom.${engine}
      COMMAND /usr/bin/python3 "${CMAKE_CURRENT_SOURCE_DIR}/hillstrom/acceptance.py" ${engine})
    set_tests_properties(acceptance.hillstrom.${engine} PROPERTIES LABELS acceptance TIMEOUT 300 SKIP_RETURN_CODE 77
      ENVIRONMENT "CARILLON_BUILD=${PROJECT_BINARY_DIR}")
  endforeach()
endif()

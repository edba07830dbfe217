# Acceptance: a real bank's tables through the command line, real mail servers, mailboxes read back (label acceptance).
if(TARGET carillon)
  foreach(engine sqlite mariadb)
    add_test(NAME acceptance.berka.${engine}
      COMMAND /usr/bin/python3 "${CMAKE_CURRENT_SOURCE_DIR}/berka/acceptance.py" ${engine})
    set_tests_properties(acceptance.berka.${engine} PROPERTIES LABELS acceptance TIMEOUT 600 SKIP_RETURN_CODE 77
      RUN_SERIAL TRUE ENVIRONMENT "CARILLON_BUILD=${PROJECT_BINARY_DIR}")
  endforeach()
endif()

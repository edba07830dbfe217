# The whole program from the command line to what a peer received (label endtoend).
if(TARGET carillon)
  foreach(engine sqlite mariadb)
    foreach(story same_bytes before_launch callbacks public_pages tracking plans report_mails api screens privacy called_back
                  pauses_itself previews house cancelled errors webhooks view_in_browser picture_library)
      add_test(NAME endtoend.${story}.${engine}
        COMMAND /usr/bin/python3 "${CMAKE_CURRENT_SOURCE_DIR}/endtoend/${story}.py" ${engine})
      set_tests_properties(endtoend.${story}.${engine} PROPERTIES LABELS endtoend TIMEOUT 600
        ENVIRONMENT "CARILLON_BUILD=${PROJECT_BINARY_DIR}")
    endforeach()
  endforeach()
endif()

# Commands, routes and the table that tells which is which.
if(TARGET carillon)
  add_test(NAME endtoend.commands
    COMMAND /usr/bin/python3 "${CMAKE_CURRENT_SOURCE_DIR}/endtoend/commands.py")
  set_tests_properties(endtoend.commands PROPERTIES LABELS endtoend TIMEOUT 120
    ENVIRONMENT "CARILLON_BUILD=${PROJECT_BINARY_DIR}")
endif()

# Requests made up from the specification; skipped aloud where PyPI is out of reach.
if(TARGET carillon)
  add_test(NAME endtoend.specification
    COMMAND /usr/bin/python3 "${CMAKE_CURRENT_SOURCE_DIR}/endtoend/specification.py")
  set_tests_properties(endtoend.specification PROPERTIES LABELS endtoend TIMEOUT 900 SKIP_RETURN_CODE 77
    ENVIRONMENT "CARILLON_BUILD=${PROJECT_BINARY_DIR}")
endif()

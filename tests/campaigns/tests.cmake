# Peers of the campaigns tests: the published schemas by python3-jsonschema, contact windows by
# Python's zoneinfo.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET test_campaigns)
  add_test(NAME peers.campaign_schemas
    COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/schemas.py" "${PROJECT_SOURCE_DIR}")
  add_test(NAME peers.contact_windows
    COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/window_oracle.py"
            $<TARGET_FILE:test_campaigns> "${PROJECT_SOURCE_DIR}")
  set_tests_properties(peers.campaign_schemas peers.contact_windows PROPERTIES
    LABELS peers SKIP_RETURN_CODE 77 TIMEOUT 120)
endif()

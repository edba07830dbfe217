# The Debian package, built and unpacked into a folder of its own (label packaging).
find_program(DPKG_DEB dpkg-deb)
if(TARGET carillon AND DPKG_DEB AND NOT CARILLON_SANITIZE)
  add_test(NAME packaging.deb
    COMMAND "${CMAKE_CURRENT_LIST_DIR}/deb_test.sh" "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}")
  set_tests_properties(packaging.deb PROPERTIES LABELS packaging TIMEOUT 600 RESOURCE_LOCK build_folder)
  add_test(NAME packaging.configuration_reference
    COMMAND "${CMAKE_CURRENT_LIST_DIR}/reference_test.sh" "$<TARGET_FILE:carillon>" "${PROJECT_SOURCE_DIR}")
  set_tests_properties(packaging.configuration_reference PROPERTIES LABELS style TIMEOUT 30)
endif()

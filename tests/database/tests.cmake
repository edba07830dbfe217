# tests/database/*_test.cpp run twice: on SQLite and on a private MariaDB server that a fixture starts and stops.
file(GLOB database_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/database/*_test.cpp")
set(database_modules)
foreach(module db templates audience access campaigns scheduler responses reports desk server)
  if(TARGET carillon_${module})
    list(APPEND database_modules carillon_${module})
  endif()
endforeach()
add_executable(test_database ${database_sources})
target_link_libraries(test_database PRIVATE carillon_test_support ${database_modules})
target_compile_definitions(test_database PRIVATE CARILLON_SOURCE_DIR="${PROJECT_SOURCE_DIR}")

set(mariadb_dir "${PROJECT_BINARY_DIR}/mariadb-test")
set(mariadb_script "${CMAKE_CURRENT_SOURCE_DIR}/database/mariadb.sh")
add_test(NAME database.mariadb_up COMMAND "${mariadb_script}" up "${mariadb_dir}")
add_test(NAME database.mariadb_down COMMAND "${mariadb_script}" down "${mariadb_dir}")
set_tests_properties(database.mariadb_up PROPERTIES FIXTURES_SETUP mariadb LABELS database TIMEOUT 120)
set_tests_properties(database.mariadb_down PROPERTIES FIXTURES_CLEANUP mariadb LABELS database TIMEOUT 120)

add_test(NAME database.sqlite COMMAND test_database)
set_tests_properties(database.sqlite PROPERTIES LABELS database TIMEOUT 900
  ENVIRONMENT "CARILLON_TEST_ENGINE=sqlite")
add_test(NAME database.mariadb COMMAND test_database)
set_tests_properties(database.mariadb PROPERTIES LABELS database FIXTURES_REQUIRED mariadb TIMEOUT 1200
  ENVIRONMENT "CARILLON_TEST_ENGINE=mariadb;CARILLON_TEST_MARIADB_SOCKET=${mariadb_dir}/mariadb.sock")

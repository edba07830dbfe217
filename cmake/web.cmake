# The browser app: npm ci when the lock file changed, then types from the API's contract, type check and build into
# <build>/web, compressed. Needs npm and Node 20.19 or newer (Debian 12's own is 18, so scripts/setup takes a newer one
# from npm); without them the server has no app.
find_program(NPM npm)
# scripts/setup puts a newer Node there where the system's is too old.
find_program(NODE node PATHS "${PROJECT_SOURCE_DIR}/build/tools" NO_DEFAULT_PATH)
find_program(NODE node)
set(web_default OFF)
if(NPM AND NODE AND NOT CARILLON_SANITIZE AND NOT CARILLON_FUZZ)
  execute_process(COMMAND "${NODE}" -p "process.versions.node" OUTPUT_VARIABLE node_version OUTPUT_STRIP_TRAILING_WHITESPACE
    ERROR_QUIET)
  if(node_version VERSION_GREATER_EQUAL 20.19)
    set(web_default ON)
  endif()
endif()
option(WITH_WEB "build the browser app (npm, Node 20.19 or newer)" ${web_default})
if(NOT WITH_WEB)
  message(STATUS "Browser app: not built (WITH_WEB is OFF; npm: ${NPM}, node: ${node_version})")
  return()
endif()

set(web "${PROJECT_SOURCE_DIR}/web")
get_filename_component(node_folder "${NODE}" DIRECTORY)
set(npm "${CMAKE_COMMAND}" -E env "PATH=${node_folder}:$ENV{PATH}" "${NPM}")
set(installed "${PROJECT_BINARY_DIR}/web-npm.stamp")
add_custom_command(OUTPUT "${installed}"
  COMMAND ${npm} ci --ignore-scripts --no-audit --no-fund --loglevel=error
  COMMAND "${CMAKE_COMMAND}" -E touch "${installed}"
  DEPENDS "${web}/package.json" "${web}/package-lock.json" "${web}/.npmrc"
  WORKING_DIRECTORY "${web}" COMMENT "Installing the browser app's packages" VERBATIM)

file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS "${web}/src/*.ts" "${web}/src/*.tsx" "${web}/src/*.css" "${web}/public/*")
list(FILTER web_sources EXCLUDE REGEX "/schema\\.d\\.ts$")
set(built "${PROJECT_BINARY_DIR}/web.stamp")
add_custom_command(OUTPUT "${built}"
  COMMAND ${npm} run --silent api
  COMMAND ${npm} run --silent typecheck
  COMMAND ${npm} run --silent build -- --outDir "${PROJECT_BINARY_DIR}/web" --emptyOutDir --logLevel warn
  COMMAND "${CMAKE_COMMAND}" -E touch "${built}"
  DEPENDS "${installed}" ${web_sources} "${web}/index.html" "${web}/vite.config.ts" "${web}/tsconfig.json"
    "${PROJECT_SOURCE_DIR}/docs/openapi.yaml"
  WORKING_DIRECTORY "${web}" COMMENT "Building the browser app" VERBATIM)
add_custom_target(carillon_web ALL DEPENDS "${built}")
if(TARGET carillon)
  # Whoever builds the program alone gets the app it serves.
  add_dependencies(carillon carillon_web)
endif()

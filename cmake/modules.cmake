# carillon_module(folder DEPENDS ...): every .cpp of the folder becomes the static library carillon_<folder>.
# New files are noticed by the next build (CONFIGURE_DEPENDS).
function(carillon_module folder)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
  if(NOT sources)
    add_library(carillon_${folder} INTERFACE)
    target_link_libraries(carillon_${folder} INTERFACE carillon_options ${ARG_DEPENDS})
    return()
  endif()
  add_library(carillon_${folder} STATIC ${sources})
  target_link_libraries(carillon_${folder} PUBLIC carillon_options ${ARG_DEPENDS}
    tl::expected fmt::fmt Threads::Threads)
endfunction()

function(carillon_program name folder)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
  if(NOT sources)
    return()
  endif()
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  # The command line is a library too, so that tests can build two of it.
  add_library(carillon_${folder} STATIC ${sources})
  target_link_libraries(carillon_${folder} PUBLIC carillon_options ${ARG_DEPENDS} fmt::fmt Threads::Threads)
  add_executable(${name} "${PROJECT_SOURCE_DIR}/${folder}/main.cpp")
  target_link_libraries(${name} PRIVATE carillon_${folder})
endfunction()

# The SQL of db/queries and db/migrations as constants in "db/queries.h", "db/migrations.h" and the headers that files of
# queries name as their own (in the build folder).
function(carillon_embed_sql)
  set(out "${PROJECT_BINARY_DIR}/generated/db/queries.h")
  file(GLOB sql CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/db/queries/*.sql" "${PROJECT_SOURCE_DIR}/db/migrations/*.sql")
  set(generated "${PROJECT_BINARY_DIR}/generated/db")
  add_custom_command(OUTPUT "${out}" "${generated}/migrations.h" "${generated}/api_queries.h"
    "${generated}/webhook_queries.h" "${generated}/event_queries.h" "${generated}/progress_queries.h"
    "${generated}/picture_queries.h"
    COMMAND python3 "${PROJECT_SOURCE_DIR}/cmake/embed_sql.py" "${PROJECT_SOURCE_DIR}/db" "${out}"
    DEPENDS ${sql} "${PROJECT_SOURCE_DIR}/cmake/embed_sql.py" COMMENT "Embedding SQL" VERBATIM)
  add_custom_target(carillon_sql DEPENDS "${out}")
  target_include_directories(carillon_options INTERFACE "${PROJECT_BINARY_DIR}/generated")
endfunction()

# The window profiles of examples/windows as constants in "channels/window_files.h" (in the build folder).
function(carillon_embed_windows)
  set(out "${PROJECT_BINARY_DIR}/generated/channels/window_files.h")
  file(GLOB windows CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/examples/windows/*.json")
  add_custom_command(OUTPUT "${out}"
    COMMAND python3 "${PROJECT_SOURCE_DIR}/cmake/embed_windows.py" "${PROJECT_SOURCE_DIR}/examples/windows" "${out}"
    DEPENDS ${windows} "${PROJECT_SOURCE_DIR}/cmake/embed_windows.py" COMMENT "Embedding window profiles" VERBATIM)
  add_custom_target(carillon_windows DEPENDS "${out}")
endfunction()

# One text file as the constant carillon::<module>::<name> in "<module>/<name>.h" (in the build folder).
function(carillon_embed_text module name file)
  set(out "${PROJECT_BINARY_DIR}/generated/${module}/${name}.h")
  add_custom_command(OUTPUT "${out}"
    COMMAND python3 "${PROJECT_SOURCE_DIR}/cmake/embed_text.py" "${file}" carillon::${module} ${name} "${out}"
    DEPENDS "${file}" "${PROJECT_SOURCE_DIR}/cmake/embed_text.py" COMMENT "Embedding ${name}" VERBATIM)
  add_custom_target(carillon_${name} DEPENDS "${out}")
endfunction()

# docs/openapi.yaml as the constants of "server/openapi_text.h" (in the build folder).
function(carillon_embed_openapi)
  set(out "${PROJECT_BINARY_DIR}/generated/server/openapi_text.h")
  add_custom_command(OUTPUT "${out}"
    COMMAND python3 "${PROJECT_SOURCE_DIR}/cmake/embed_openapi.py" "${PROJECT_SOURCE_DIR}/docs/openapi.yaml" "${out}"
    DEPENDS "${PROJECT_SOURCE_DIR}/docs/openapi.yaml" "${PROJECT_SOURCE_DIR}/cmake/embed_openapi.py"
    COMMENT "Embedding the specification of the API" VERBATIM)
  add_custom_target(carillon_openapi DEPENDS "${out}")
endfunction()

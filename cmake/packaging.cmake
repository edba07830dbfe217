# cmake --install and the Debian package: the program, its service, an example configuration, examples and documents.
#   cmake --build build/release --target package    makes build/release/carillon_<version>_<architecture>.deb
include(GNUInstallDirs)
if(NOT TARGET carillon)
  return()
endif()

set(CARILLON_CONFIG_DIR "/etc/carillon" CACHE STRING "where the installed program finds carillon.toml")

install(TARGETS carillon RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
# Where the program ends up is known when it is installed, not when it is built: /usr/local or, in the package, /usr.
install(CODE "
  set(CARILLON_BINDIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
  set(CARILLON_CONFIG_DIR \"${CARILLON_CONFIG_DIR}\")
  configure_file(\"${PROJECT_SOURCE_DIR}/packaging/carillon.service.in\"
    \"${PROJECT_BINARY_DIR}/packaging/carillon.service\" @ONLY)")
install(FILES "${PROJECT_BINARY_DIR}/packaging/carillon.service" DESTINATION lib/systemd/system)
install(FILES "${PROJECT_SOURCE_DIR}/packaging/carillon.toml" DESTINATION "${CARILLON_CONFIG_DIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/examples/" DESTINATION "${CMAKE_INSTALL_DATADIR}/carillon/examples"
  PATTERN "__pycache__" EXCLUDE)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/docs/" DESTINATION "${CMAKE_INSTALL_DOCDIR}/docs")
install(PROGRAMS "${PROJECT_SOURCE_DIR}/packaging/hylafax/notify-carillon"
  "${PROJECT_SOURCE_DIR}/packaging/hylafax/faxrcvd-carillon" DESTINATION "${CMAKE_INSTALL_DATADIR}/carillon/hylafax")
if(WITH_WEB)
  install(DIRECTORY "${PROJECT_BINARY_DIR}/web/" DESTINATION "${CMAKE_INSTALL_DATADIR}/carillon/web"
    PATTERN "manifest.json*" EXCLUDE)
endif()
install(FILES README.md CHANGELOG.md SECURITY.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(FILES "${PROJECT_SOURCE_DIR}/packaging/copyright" DESTINATION "${CMAKE_INSTALL_DOCDIR}")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME carillon)
set(CPACK_PACKAGE_CONTACT "Carillon developers <carillon@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION
  "Selects clients, composes a personal message for each, sends it at a decent hour through the channels a bank has, and
keeps a durable row for every message and for every client who was left out, with the reason.")
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX "/usr")
set(CPACK_PACKAGING_INSTALL_PREFIX "/usr")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION mail)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# What the program opens at run time and dpkg-shlibdeps cannot see.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "tzdata, ca-certificates, adduser")
# What letters are set in and divided with; whoever sends none needs neither.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS
  "fonts-paratype, fonts-dejavu-core, hyphen-ru, hyphen-en-us, hyphen-en-gb, hyphen-de, hyphen-cs")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "mariadb-server")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  "${PROJECT_SOURCE_DIR}/packaging/postinst;${PROJECT_SOURCE_DIR}/packaging/prerm;${PROJECT_SOURCE_DIR}/packaging/postrm;${PROJECT_SOURCE_DIR}/packaging/conffiles")
include(CPack)

# Label peers: the real program parts against real servers, started by scripts in private folders on loopback.
if(TARGET carillon_channels)
  add_executable(peer_send_mail "${CMAKE_CURRENT_SOURCE_DIR}/peers/email/send_mail.cpp")
  target_link_libraries(peer_send_mail PRIVATE carillon_channels)
  add_test(NAME peers.email COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/peers/email/run.sh" "$<TARGET_FILE:peer_send_mail>")
  set_tests_properties(peers.email PROPERTIES LABELS peers TIMEOUT 300 SKIP_RETURN_CODE 77)
endif()
if(TARGET carillon_channels)
  add_executable(peer_write_letters "${CMAKE_CURRENT_SOURCE_DIR}/peers/letters/write_letters.cpp")
  target_link_libraries(peer_write_letters PRIVATE carillon_channels)
  add_test(NAME peers.letters
    COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/peers/letters/check_letters.py" "$<TARGET_FILE:peer_write_letters>")
  set_tests_properties(peers.letters PROPERTIES LABELS peers TIMEOUT 300 SKIP_RETURN_CODE 77)
  add_executable(peer_drop_letters "${CMAKE_CURRENT_SOURCE_DIR}/peers/letters/drop_letters.cpp")
  target_link_libraries(peer_drop_letters PRIVATE carillon_channels)
  add_test(NAME peers.drop_folder
    COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/peers/letters/kill_drop_folder.py" "$<TARGET_FILE:peer_drop_letters>")
  set_tests_properties(peers.drop_folder PROPERTIES LABELS peers TIMEOUT 300 SKIP_RETURN_CODE 77)
  add_executable(peer_print_letters "${CMAKE_CURRENT_SOURCE_DIR}/peers/letters/print_letters.cpp")
  target_link_libraries(peer_print_letters PRIVATE carillon_channels)
  add_test(NAME peers.ipp
    COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/peers/letters/check_ipp.py" "$<TARGET_FILE:peer_print_letters>")
  set_tests_properties(peers.ipp PROPERTIES LABELS peers TIMEOUT 300 SKIP_RETURN_CODE 77)
endif()

# The conformance suite of short messages: one program, one description of a peer for each run.
if(TARGET carillon_channels)
  file(GLOB sms_conformance CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/sms/*.cpp")
  add_executable(peer_sms ${sms_conformance})
  target_link_libraries(peer_sms PRIVATE carillon_test_support carillon_channels)
  foreach(subject smpp rest kannel)
    add_test(NAME peers.sms_${subject}
      COMMAND "${CMAKE_CURRENT_LIST_DIR}/sms/run.sh" ${subject} "$<TARGET_FILE:peer_sms>" "${PROJECT_BINARY_DIR}/peers/sms")
    set_tests_properties(peers.sms_${subject} PROPERTIES LABELS peers TIMEOUT 300 SKIP_RETURN_CODE 77
      RESOURCE_LOCK sms_ports)
  endforeach()
endif()
if(TARGET carillon_channels)
  add_executable(peer_send_faxes "${CMAKE_CURRENT_SOURCE_DIR}/peers/fax/send_faxes.cpp")
  target_link_libraries(peer_send_faxes PRIVATE carillon_channels)
  foreach(story queue kill line)
    add_test(NAME peers.fax_${story}
      COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/peers/fax/fax_${story}.py" "$<TARGET_FILE:peer_send_faxes>")
    set_tests_properties(peers.fax_${story} PROPERTIES LABELS peers TIMEOUT 400 SKIP_RETURN_CODE 77
      ENVIRONMENT "CARILLON_BUILD=${PROJECT_BINARY_DIR}")
  endforeach()
endif()
# Two SMPP centres behind one campaign; one is killed and comes back.
if(TARGET carillon)
  add_test(NAME peers.sms_providers
    COMMAND "${CMAKE_CURRENT_LIST_DIR}/sms/two_providers.py" "${PROJECT_BINARY_DIR}/peers/sms")
  set_tests_properties(peers.sms_providers PROPERTIES LABELS peers TIMEOUT 300 SKIP_RETURN_CODE 77
    RUN_SERIAL TRUE ENVIRONMENT "CARILLON_BUILD=${PROJECT_BINARY_DIR}")
endif()
if(TARGET carillon)
  foreach(engine sqlite mariadb)
    add_test(NAME peers.mail_comes_back.${engine}
      COMMAND /usr/bin/python3 "${CMAKE_CURRENT_SOURCE_DIR}/peers/mail/come_back.py" ${engine})
    set_tests_properties(peers.mail_comes_back.${engine} PROPERTIES LABELS peers TIMEOUT 600 SKIP_RETURN_CODE 77
      ENVIRONMENT "CARILLON_BUILD=${PROJECT_BINARY_DIR}")
  endforeach()
endif()
# The same peers call back to the real server, and the row changes.
if(TARGET carillon)
  foreach(subject rest kannel)
    add_test(NAME peers.sms_endpoint_${subject} COMMAND /usr/bin/python3
      "${CMAKE_CURRENT_LIST_DIR}/sms/end_to_end.py" ${subject} "${PROJECT_BINARY_DIR}/peers/sms")
    set_tests_properties(peers.sms_endpoint_${subject} PROPERTIES LABELS peers TIMEOUT 300 SKIP_RETURN_CODE 77
      RESOURCE_LOCK sms_ports ENVIRONMENT "CARILLON_BUILD=${PROJECT_BINARY_DIR}")
  endforeach()
endif()
# One list of cases, every adapter, each against its real peer; docs/conformance.md is checked against what ran.
if(TARGET carillon_channels)
  file(GLOB conformance CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/conformance/*.cpp")
  add_executable(peer_conformance ${conformance})
  target_link_libraries(peer_conformance PRIVATE carillon_options carillon_channels)
  foreach(adapter smtp smpp rest kannel hylafax cloudfax mailfax ipp printhouse call)
    add_test(NAME peers.conformance_${adapter} COMMAND /usr/bin/python3 "${CMAKE_CURRENT_LIST_DIR}/conformance/conform.py"
      ${adapter} "$<TARGET_FILE:peer_conformance>" "${PROJECT_BINARY_DIR}/peers")
    set_tests_properties(peers.conformance_${adapter} PROPERTIES LABELS peers TIMEOUT 600 SKIP_RETURN_CODE 77)
  endforeach()
endif()
# One of two providers hangs without a word: its messages go through the other one. Real program, real sockets.
if(TARGET carillon)
  add_test(NAME peers.slow_providers COMMAND /usr/bin/python3 "${CMAKE_CURRENT_LIST_DIR}/slow_providers.py")
  set_tests_properties(peers.slow_providers PROPERTIES LABELS peers TIMEOUT 400 ENVIRONMENT "CARILLON_BUILD=${PROJECT_BINARY_DIR}")
endif()
add_test(NAME peers.pictures COMMAND /usr/bin/python3 "${CMAKE_CURRENT_LIST_DIR}/letters/check_pictures.py")
set_tests_properties(peers.pictures PROPERTIES LABELS peers TIMEOUT 120 SKIP_RETURN_CODE 77)

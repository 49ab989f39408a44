# The program where package managers and shells look for it, with its man page and completions, and
# an archive of them: cpack makes wsproof-VERSION-SYSTEM.tar.gz, which runs where it is unpacked.
include(GNUInstallDirs)

set(man_page ${CMAKE_CURRENT_BINARY_DIR}/wsproof.1)
set(bash_completion ${CMAKE_CURRENT_BINARY_DIR}/wsproof.bash)
set(zsh_completion ${CMAKE_CURRENT_BINARY_DIR}/_wsproof)
set(fish_completion ${CMAKE_CURRENT_BINARY_DIR}/wsproof.fish)
add_custom_command(
  OUTPUT ${man_page} ${bash_completion} ${zsh_completion} ${fish_completion}
  COMMAND wsproof man > ${man_page}
  COMMAND wsproof completion bash > ${bash_completion}
  COMMAND wsproof completion zsh > ${zsh_completion}
  COMMAND wsproof completion fish > ${fish_completion}
  DEPENDS wsproof
  WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}
  VERBATIM)
add_custom_target(program_documents ALL DEPENDS ${man_page} ${bash_completion} ${zsh_completion}
                                                ${fish_completion})

install(TARGETS wsproof RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(
  FILES ${man_page}
  DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
  COMPONENT program)
install(
  FILES ${bash_completion}
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME wsproof
  COMPONENT program)
install(
  FILES ${zsh_completion}
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions
  COMPONENT program)
install(
  FILES ${fish_completion}
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
  COMPONENT program)
install(
  FILES ${PROJECT_SOURCE_DIR}/LICENSE
  DESTINATION ${CMAKE_INSTALL_DOCDIR}
  COMPONENT program)

if(PROJECT_IS_TOP_LEVEL)
  set(CPACK_GENERATOR TGZ)
  set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
  set(CPACK_COMPONENTS_ALL program)
  set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
  set(CPACK_STRIP_FILES ON)
  include(CPack)
endif()

if(WSPROOF_TESTS)
  add_test(
    NAME "install: the program comes with its man page and completions"
    COMMAND ${CMAKE_COMMAND} -DBUILD=${PROJECT_BINARY_DIR} -DWORK=${CMAKE_CURRENT_BINARY_DIR}/installed
            -P ${CMAKE_CURRENT_SOURCE_DIR}/install_test.cmake)
endif()

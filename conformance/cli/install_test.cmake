# Installs the program of BUILD below WORK, and looks at what is there.
# cmake -DBUILD=.. -DWORK=.. -P install_test.cmake

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --component program --prefix ${WORK})
run(${WORK}/bin/wsproof --version)

foreach(
  expected
  "share/man/man1/wsproof.1:.TH"
  "share/bash-completion/completions/wsproof:complete -o filenames -F"
  "share/zsh/site-functions/_wsproof:#compdef wsproof"
  "share/fish/vendor_completions.d/wsproof.fish:complete -c wsproof"
  "share/doc/wsproof/LICENSE:Apache License")
  string(REGEX MATCH "^([^:]*):(.*)$" matched ${expected})
  file(READ ${WORK}/${CMAKE_MATCH_1} text)
  string(FIND "${text}" "${CMAKE_MATCH_2}" place)
  if(place EQUAL -1)
    message(FATAL_ERROR "${CMAKE_MATCH_1} has no \"${CMAKE_MATCH_2}\"")
  endif()
endforeach()

find_program(bash bash)
if(bash)
  run(${bash} -n ${WORK}/share/bash-completion/completions/wsproof)
endif()
# What is wrong with a man page is written to standard error, and the exit status is 0 all the same.
find_program(man man)
if(man)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env MANWIDTH=80 ${man} --warnings -l ${WORK}/share/man/man1/wsproof.1
    OUTPUT_VARIABLE page
    ERROR_VARIABLE warnings COMMAND_ERROR_IS_FATAL ANY)
  if(NOT warnings STREQUAL "" OR NOT page MATCHES "tests WebSocket servers")
    message(FATAL_ERROR "the man page is not as it should be: ${warnings}")
  endif()
endif()

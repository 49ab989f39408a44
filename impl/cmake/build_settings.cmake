# Flags of every target, and the functions with which each folder declares its layer and its tests.

find_program(WSPROOF_CCACHE ccache)
if(WSPROOF_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${WSPROOF_CCACHE})
endif()

option(WSPROOF_WARNINGS_AS_ERRORS "For compilers that the project does not name: OFF" ON)

# Everything that a target of ours needs and that no consumer of the installed library should inherit.
add_library(ws_build_settings INTERFACE)
target_compile_options(
  ws_build_settings
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            $<$<BOOL:${WSPROOF_WARNINGS_AS_ERRORS}>:-Werror>
            -Wshadow
            -Wconversion
            -Wsign-conversion
            -Wold-style-cast
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -Wcast-align)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # GCC 12 takes what its optimiser cannot follow for a null pointer, in Asio and in std::string.
  target_compile_options(ws_build_settings INTERFACE -Wnull-dereference)
elseif(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False positives inside std::string when it is inlined (GCC bug 105329, mended in 13).
  target_compile_options(ws_build_settings INTERFACE -Wno-restrict)
  # And inside aggregates whose other members have initialisers, with -O3.
  target_compile_options(ws_build_settings INTERFACE $<$<CONFIG:Release>:-Wno-maybe-uninitialized>)
  # And where two vectors are compared, with -O3.
  target_compile_options(ws_build_settings INTERFACE $<$<CONFIG:Release>:-Wno-stringop-overread>)
endif()
if(WSPROOF_SANITIZERS)
  add_compile_options(-fsanitize=${WSPROOF_SANITIZERS} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${WSPROOF_SANITIZERS})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 reports false positives of it under sanitizers.
    target_compile_options(ws_build_settings INTERFACE -Wno-maybe-uninitialized)
    if(WSPROOF_SANITIZERS MATCHES thread)
      # ThreadSanitizer does not see Asio's fences; the mutexes beside them are enough for it.
      target_compile_options(ws_build_settings INTERFACE -Wno-tsan)
    endif()
  endif()
endif()
if(WSPROOF_LIBFUZZER)
  # The libraries tell libFuzzer which code an input reached; only the targets link its main().
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(WSPROOF_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()
if(WSPROOF_ASSERTIONS)
  add_compile_options(-UNDEBUG)
endif()

# ws_alone(file...): these have names that other files of their target have too, so they are compiled
# alone where several files are compiled as one (WSPROOF_UNITY_BUILD).
function(ws_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# ws_layer(NAME SOURCES file... [DEPENDS target...]): the static library ws_NAME, alias ws::NAME.
function(ws_layer name)
  cmake_parse_arguments(layer "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  add_library(ws_${name} STATIC ${layer_SOURCES})
  add_library(ws::${name} ALIAS ws_${name})
  target_compile_features(ws_${name} PUBLIC cxx_std_23)
  set_target_properties(ws_${name} PROPERTIES CXX_EXTENSIONS OFF EXPORT_NAME ${name}
                                              POSITION_INDEPENDENT_CODE ON)
  target_include_directories(ws_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                               $<INSTALL_INTERFACE:include/wsproof>)
  target_link_libraries(
    ws_${name}
    PUBLIC ${layer_DEPENDS}
    PRIVATE $<BUILD_INTERFACE:ws_build_settings> ${layer_PRIVATE_DEPENDS})
endfunction()

# ws_program(NAME SOURCES file... DEPENDS target...): an executable with the project's flags.
function(ws_program name)
  cmake_parse_arguments(program "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${program_SOURCES})
  target_compile_features(${name} PRIVATE cxx_std_23)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${program_DEPENDS} ws_build_settings)
endfunction()

# ws_test(NAME SOURCES file... DEPENDS target...): the executable NAME_test; ctest lists each test of it.
function(ws_test name)
  if(NOT WSPROOF_TESTS)
    return()
  endif()
  cmake_parse_arguments(test "" "" "SOURCES;DEPENDS" ${ARGN})
  ws_program(${name}_test SOURCES ${test_SOURCES} DEPENDS ${test_DEPENDS} GTest::gmock_main)
  gtest_discover_tests(${name}_test DISCOVERY_TIMEOUT 60 TEST_PREFIX "${name}: ")
endfunction()

# ws_test_with_failing_calls(NAME SOURCES file... DEPENDS target...): a test in which allocations and
# system calls can be made to fail, see impl/testing/failing_calls.hpp.
function(ws_test_with_failing_calls name)
  if(NOT WSPROOF_TESTS)
    return()
  endif()
  cmake_parse_arguments(test "" "" "SOURCES;DEPENDS" ${ARGN})
  ws_test(
    ${name}
    SOURCES ${test_SOURCES} ${PROJECT_SOURCE_DIR}/impl/testing/failing_calls.cpp
    DEPENDS ${test_DEPENDS} ws::testing)
  foreach(
    call IN
    ITEMS accept
          aligned_alloc
          close
          connect
          epoll_ctl
          epoll_wait
          getpeername
          getsockopt
          ioctl
          recv
          recvmsg
          send
          setsockopt
          shutdown
          socket)
    target_link_options(${name}_test PRIVATE -Wl,--wrap=${call})
  endforeach()
endfunction()

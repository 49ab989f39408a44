# What find_package(wsproof) gives another project: the core, and the transports where they were
# built and the other project has Boost and OpenSSL.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/wsproof)

# install_layers(SET LAYER...): libraries and headers, for the targets file of that name.
function(install_layers set)
  foreach(layer ${ARGN})
    install(
      TARGETS ws_${layer}
      EXPORT wsproof-${set}
      ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT wsproof)
    install(
      DIRECTORY impl/${layer}
      DESTINATION include/wsproof/impl
      COMPONENT wsproof
      FILES_MATCHING
      PATTERN "*.hpp"
      PATTERN "*test*.hpp" EXCLUDE)
  endforeach()
  install(
    EXPORT wsproof-${set}
    NAMESPACE ws::
    DESTINATION ${package_dir}
    COMPONENT wsproof)
endfunction()

install_layers(core wire handshake deflate connection)
if(WSPROOF_PROGRAMS)
  install_layers(transport transport)
endif()

get_target_property(core_libraries ws_deflate LINK_LIBRARIES)
set(WSPROOF_NEEDS_ISAL OFF)
if(ISAL::ISAL IN_LIST core_libraries)
  set(WSPROOF_NEEDS_ISAL ON)
endif()
configure_package_config_file(impl/cmake/wsproof-config.cmake.in
                              ${PROJECT_BINARY_DIR}/wsproof-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/wsproof-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(
  FILES ${PROJECT_BINARY_DIR}/wsproof-config.cmake
        ${PROJECT_BINARY_DIR}/wsproof-config-version.cmake
        impl/cmake/FindISAL.cmake
  DESTINATION ${package_dir}
  COMPONENT wsproof)

if(WSPROOF_TESTS)
  # Instrumented libraries need the runtime that belongs to them.
  set(consumer_flags)
  if(WSPROOF_SANITIZERS)
    list(APPEND consumer_flags -fsanitize=${WSPROOF_SANITIZERS})
  endif()
  if(WSPROOF_LIBFUZZER)
    list(APPEND consumer_flags -fsanitize=fuzzer-no-link)
  endif()
  if(WSPROOF_COVERAGE)
    list(APPEND consumer_flags --coverage)
  endif()
  list(JOIN consumer_flags " " consumer_flags)
  add_test(
    NAME "install: another project finds, builds and runs the library"
    COMMAND
      ${CMAKE_COMMAND} -DBUILD=${PROJECT_BINARY_DIR} -DWORK=${PROJECT_BINARY_DIR}/consumer
      -DGENERATOR=${CMAKE_GENERATOR} -DCOMPILER=${CMAKE_CXX_COMPILER}
      -DBUILD_TYPE=${CMAKE_BUILD_TYPE} "-DFLAGS=${consumer_flags}"
      -DWITH_TRANSPORT=${WSPROOF_PROGRAMS} -P
      ${PROJECT_SOURCE_DIR}/impl/testing/consumer/install_and_build.cmake)
endif()

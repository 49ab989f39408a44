# Installs the package of BUILD below WORK, builds the project of this folder with it, and runs it.
# cmake -DBUILD=.. -DWORK=.. -DGENERATOR=.. -DCOMPILER=.. -DBUILD_TYPE=.. -DFLAGS=..
#       -DWITH_TRANSPORT=ON|OFF -P install_and_build.cmake

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --component wsproof --prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -B ${WORK}/build -G ${GENERATOR}
    -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_CXX_COMPILER=${COMPILER}
    -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DCMAKE_CXX_FLAGS=${FLAGS} -DWITH_TRANSPORT=${WITH_TRANSPORT})
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/consumer)
if(WITH_TRANSPORT)
  run(${WORK}/build/transport_consumer)
endif()

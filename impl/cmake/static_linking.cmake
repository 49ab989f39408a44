# Whether wsproof is linked statically, so that it runs on any Linux of its architecture.
#
# Debian has no static ISA-L; ./dev setup build makes one in its cache. Sanitizers and gcov need the
# shared C library.

# As conformance/autobahn/environment.py has it: empty is as if it were not set.
if(NOT "$ENV{WSPROOF_CACHE}" STREQUAL "")
  set(cache_folder $ENV{WSPROOF_CACHE})
elseif(NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
  set(cache_folder $ENV{XDG_CACHE_HOME}/wsproof)
else()
  set(cache_folder $ENV{HOME}/.cache/wsproof)
endif()
find_library(ISAL_STATIC_LIBRARY NAMES libisal.a HINTS ${cache_folder}/isal)
find_library(OPENSSL_STATIC_LIBRARY NAMES libssl.a)
find_library(ZLIB_STATIC_LIBRARY NAMES libz.a)

if(NOT WSPROOF_STATIC STREQUAL "AUTO")
  set(WSPROOF_LINKED_STATICALLY ${WSPROOF_STATIC})
elseif(
  CMAKE_SYSTEM_NAME STREQUAL "Linux"
  AND ISAL_STATIC_LIBRARY
  AND OPENSSL_STATIC_LIBRARY
  AND ZLIB_STATIC_LIBRARY
  AND NOT WSPROOF_SANITIZERS
  AND NOT WSPROOF_COVERAGE)
  set(WSPROOF_LINKED_STATICALLY ON)
else()
  set(WSPROOF_LINKED_STATICALLY OFF)
endif()
message(STATUS "wsproof is linked statically: ${WSPROOF_LINKED_STATICALLY}")

if(WSPROOF_LINKED_STATICALLY)
  set(OPENSSL_USE_STATIC_LIBS ON)
  set(ZLIB_USE_STATIC_LIBS ON)
  set(ISAL_LIBRARY ${ISAL_STATIC_LIBRARY})
  # What was found before, when it was not.
  foreach(library OPENSSL_SSL_LIBRARY OPENSSL_CRYPTO_LIBRARY ZLIB_LIBRARY_RELEASE)
    if(DEFINED ${library} AND NOT ${library} MATCHES "\\.a$")
      unset(${library} CACHE)
    endif()
  endforeach()
endif()

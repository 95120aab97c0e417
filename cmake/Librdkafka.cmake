# Defines easyflow_librdkafka: headers as <librdkafka/rdkafka.h>, and the static archives behind them.

add_library(easyflow_librdkafka INTERFACE)

include(ExternalProject)

set(RDKAFKA_PATCH ${CMAKE_CURRENT_SOURCE_DIR}/cmake/PatchLibrdkafka.cmake)
file(SHA256 ${RDKAFKA_PATCH} RDKAFKA_PATCH_HASH)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${RDKAFKA_PATCH})

set(RDKAFKA_SOURCE ${CMAKE_CURRENT_SOURCE_DIR}/node_modules/librdkafka-source/deps/librdkafka)
if(NOT EXISTS ${RDKAFKA_SOURCE}/src/rdkafka.h)
  message(FATAL_ERROR "librdkafka's source is missing: ${RDKAFKA_SOURCE}. "
    "Run `npm ci --ignore-scripts` first.")
endif()

# The version names the directories: another version in package-lock.json is another build.
file(STRINGS ${RDKAFKA_SOURCE}/src/rdkafka.h version_line REGEX "^#define RD_KAFKA_VERSION +0x")
string(REGEX MATCH "0x([0-9a-f][0-9a-f])([0-9a-f][0-9a-f])([0-9a-f][0-9a-f])" unused "${version_line}")
math(EXPR major "0x${CMAKE_MATCH_1}")
math(EXPR minor "0x${CMAKE_MATCH_2}")
math(EXPR patch "0x${CMAKE_MATCH_3}")
set(RDKAFKA_VERSION ${major}.${minor}.${patch})
message(STATUS "librdkafka ${RDKAFKA_VERSION} from node_modules/librdkafka-source")

set(RDKAFKA_PREFIX ${CMAKE_BINARY_DIR}/librdkafka)
set(RDKAFKA_ARCHIVE ${RDKAFKA_PREFIX}/lib/librdkafka-${RDKAFKA_VERSION}.a)
set(RDKAFKA_CFLAGS "-fPIC -O2 -g1 -fvisibility=hidden")
if(EASYFLOW_SANITIZE)
  # A race detector that does not see librdkafka's locks reports races that are none.
  string(APPEND RDKAFKA_CFLAGS " -fsanitize=${EASYFLOW_SANITIZE} -fno-omit-frame-pointer")
endif()
set(RDKAFKA_OPTIONS "")
if(EASYFLOW_SANITIZE MATCHES "thread")
  # GCC's race detector knows pthread_create only: a thread of libc's thrd_create crashes in it.
  set(RDKAFKA_OPTIONS --disable-c11threads)
endif()

# librdkafka drives its build by a ./configure of its own; the copy in the npm package has no
# packaging/cmake. OAUTHBEARER goes through a callback, so curl (its own OIDC client) stays out.
file(MAKE_DIRECTORY ${RDKAFKA_PREFIX}/include/librdkafka)
if(CMAKE_GENERATOR MATCHES "Makefiles")
  set(RDKAFKA_MAKE "$(MAKE)")  # shares the jobs of the outer make
else()
  set(RDKAFKA_MAKE make -j2)
endif()
ExternalProject_Add(librdkafka
  PREFIX ${RDKAFKA_PREFIX}/work-${RDKAFKA_VERSION}
  # One step, so that what is patched is always a fresh copy: not one that another patch or an
  # interrupted build has left. The hash makes another patch another command, which runs this step
  # and those after it again.
  DOWNLOAD_COMMAND ${CMAKE_COMMAND} -E rm -rf <SOURCE_DIR>
  COMMAND ${CMAKE_COMMAND} -E copy_directory ${RDKAFKA_SOURCE} <SOURCE_DIR>
  COMMAND ${CMAKE_COMMAND} -E chdir <SOURCE_DIR>
    ${CMAKE_COMMAND} -DHASH=${RDKAFKA_PATCH_HASH} -P ${RDKAFKA_PATCH}
  UPDATE_COMMAND ""
  BUILD_IN_SOURCE ON
  CONFIGURE_COMMAND ./configure --enable-static --disable-gssapi --disable-curl --disable-lz4-ext
    ${RDKAFKA_OPTIONS}
    --cc=${CMAKE_C_COMPILER} --cxx=${CMAKE_CXX_COMPILER} "--CFLAGS=${RDKAFKA_CFLAGS}"
  BUILD_COMMAND ${RDKAFKA_MAKE} -C src librdkafka.a
  INSTALL_COMMAND ${CMAKE_COMMAND} -E copy_if_different
    <SOURCE_DIR>/src/rdkafka.h <SOURCE_DIR>/src/rdkafka_mock.h ${RDKAFKA_PREFIX}/include/librdkafka/
  COMMAND ${CMAKE_COMMAND} -E make_directory ${RDKAFKA_PREFIX}/lib
  COMMAND ${CMAKE_COMMAND} -E copy <SOURCE_DIR>/src/librdkafka.a ${RDKAFKA_ARCHIVE}
  BUILD_BYPRODUCTS ${RDKAFKA_ARCHIVE}
)

# Static everywhere: node exports its own OpenSSL, zlib and zstd, and an addon that linked them
# dynamically would bind to those.
set(OPENSSL_USE_STATIC_LIBS TRUE)
find_package(OpenSSL REQUIRED)
find_library(ZLIB_STATIC libz.a REQUIRED)
find_library(ZSTD_STATIC libzstd.a REQUIRED)

add_library(easyflow_librdkafka_archive STATIC IMPORTED)
set_target_properties(easyflow_librdkafka_archive PROPERTIES IMPORTED_LOCATION ${RDKAFKA_ARCHIVE})
add_dependencies(easyflow_librdkafka librdkafka)
target_include_directories(easyflow_librdkafka SYSTEM INTERFACE ${RDKAFKA_PREFIX}/include)
target_link_libraries(easyflow_librdkafka INTERFACE
  easyflow_librdkafka_archive OpenSSL::SSL OpenSSL::Crypto ${ZSTD_STATIC} ${ZLIB_STATIC}
  Threads::Threads ${CMAKE_DL_LIBS} m)

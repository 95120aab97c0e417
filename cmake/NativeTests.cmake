# Defines native_tests: GoogleTest over everything below the binding. It is not part of `all`.

find_package(GTest QUIET)
file(GLOB test_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/test/native/*_test.cc
  ${CMAKE_CURRENT_SOURCE_DIR}/test/native/*/*_test.cc)
if(NOT GTest_FOUND)
  message(STATUS "GoogleTest is not installed: no native_tests")
  return()
endif()

file(WRITE ${CMAKE_BINARY_DIR}/no_native_test.cc.in "// Lets native_tests link while test/native is empty.\n")
configure_file(${CMAKE_BINARY_DIR}/no_native_test.cc.in ${CMAKE_BINARY_DIR}/no_native_test.cc COPYONLY)

add_executable(native_tests EXCLUDE_FROM_ALL ${test_sources} ${CMAKE_BINARY_DIR}/no_native_test.cc)
target_include_directories(native_tests PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/test/native)
target_link_libraries(native_tests PRIVATE
  ${EASYFLOW_LAYERS} PkgConfig::LIBUV GTest::gtest GTest::gtest_main)

# libFuzzer comes with clang only: native_tests has the same checks over inputs of its own making.
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  set(fuzzed client_message deflate filter json_fields json_text pattern topology update utf8 websocket)
  list(TRANSFORM fuzzed PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/native/hub/)
  list(TRANSFORM fuzzed APPEND .cc)
  add_executable(hub_fuzz EXCLUDE_FROM_ALL ${CMAKE_CURRENT_SOURCE_DIR}/test/fuzz/hub_fuzz.cc ${fuzzed})
  target_include_directories(hub_fuzz PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/test/native)
  target_compile_options(hub_fuzz PRIVATE -fsanitize=fuzzer,address -g)
  target_link_options(hub_fuzz PRIVATE -fsanitize=fuzzer,address)
  target_link_libraries(hub_fuzz PRIVATE
    easyflow_options nlohmann_json::nlohmann_json Threads::Threads ${ZLIB_STATIC})
endif()

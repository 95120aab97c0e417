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

# Defines addon: easyflow_kafka.node, the only target that sees Node-API.

file(GLOB binding_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/native/binding/*.cc)
if(NOT binding_sources)
  # A tree without a binding still builds: the rest of native/ does not need one.
  file(WRITE ${CMAKE_BINARY_DIR}/empty_addon.cc
    "#include <napi.h>\n"
    "static Napi::Object init(Napi::Env, Napi::Object exports) { return exports; }\n"
    "NODE_API_MODULE(easyflow_kafka, init)\n")
  set(binding_sources ${CMAKE_BINARY_DIR}/empty_addon.cc)
endif()

add_library(addon MODULE ${binding_sources})
set_target_properties(addon PROPERTIES PREFIX "" OUTPUT_NAME easyflow_kafka SUFFIX ".node")
target_compile_definitions(addon PRIVATE
  NAPI_VERSION=9 NAPI_CPP_EXCEPTIONS NODE_GYP_MODULE_NAME=easyflow_kafka BUILDING_NODE_EXTENSION
  # A terminated worker's exceptions cannot be thrown on; without this node-addon-api aborts the process.
  NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS)
target_include_directories(addon SYSTEM PRIVATE
  ${CMAKE_CURRENT_SOURCE_DIR}/node_modules/node-addon-api
  ${CMAKE_CURRENT_SOURCE_DIR}/node_modules/node-api-headers/include)
target_link_libraries(addon PRIVATE ${EASYFLOW_LAYERS})
# uv_* and napi_* stay undefined: node has them. Everything else is inside and hidden, or the
# addon would share OpenSSL and zlib with node. nodelete: a worker that ends must not unmap code
# that OpenSSL's thread-exit handlers still point to.
target_link_options(addon PRIVATE
  -Wl,--exclude-libs,ALL -Wl,-Bsymbolic -Wl,-z,nodelete -Wl,--gc-sections
  -Wl,--version-script=${CMAKE_CURRENT_SOURCE_DIR}/cmake/exports.map)
set_target_properties(addon PROPERTIES LINK_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/cmake/exports.map)
if(NOT EASYFLOW_SANITIZE)
  target_link_options(addon PRIVATE -static-libstdc++ -static-libgcc)
endif()

if(EASYFLOW_PCH)
  target_precompile_headers(addon PRIVATE <napi.h> <nlohmann/json.hpp>)
endif()

# Stripped beside, then renamed: a process that has the old file mapped keeps its inode.
add_custom_command(TARGET addon POST_BUILD
  COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/Release
  COMMAND ${CMAKE_STRIP} --strip-unneeded
    -o ${CMAKE_BINARY_DIR}/Release/easyflow_kafka.node.new $<TARGET_FILE:addon>
  COMMAND ${CMAKE_COMMAND} -E rename
    ${CMAKE_BINARY_DIR}/Release/easyflow_kafka.node.new
    ${CMAKE_BINARY_DIR}/Release/easyflow_kafka.node
  VERBATIM)

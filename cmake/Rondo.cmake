# How every part of the compiler is built: one precompiled header for the MLIR headers that all
# sources share, the shared LLVM and MLIR libraries, warnings as errors, no exceptions, no RTTI.

set(RONDO_INCLUDES "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/lib"
    "${PROJECT_SOURCE_DIR}/dialects" "${PROJECT_BINARY_DIR}/lib" "${PROJECT_BINARY_DIR}/dialects")

# mlir-tblgen reads the directory's include path.
include_directories(SYSTEM ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
include_directories(${PROJECT_SOURCE_DIR}/dialects ${PROJECT_SOURCE_DIR}/lib)

# Debug here means: quick to build, line tables for a debugger, still optimised enough to run.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -gline-tables-only")

function(rondo_compile_options target)
  target_include_directories(${target} PRIVATE ${RONDO_INCLUDES})
  target_include_directories(${target} SYSTEM PRIVATE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  separate_arguments(definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
  target_compile_definitions(${target} PRIVATE ${definitions})
  target_compile_options(${target} PRIVATE -fPIC -fno-exceptions -fno-rtti -fvisibility-inlines-hidden
    -Wall -Wextra -Werror -Wno-unused-parameter)
endfunction()

# The owner of the precompiled header; every library and tool reuses its one copy.
file(WRITE "${PROJECT_BINARY_DIR}/rondo_pch.cpp" "")
add_library(rondo_pch OBJECT "${PROJECT_BINARY_DIR}/rondo_pch.cpp")
rondo_compile_options(rondo_pch)
target_precompile_headers(rondo_pch PRIVATE "${PROJECT_SOURCE_DIR}/cmake/Precompiled.h")

# add_rondo_library(NAME sources... [LINK libraries...] [DEPENDS tablegen targets...])
function(add_rondo_library name)
  cmake_parse_arguments(ARG "" "" "LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  rondo_compile_options(${name})
  target_precompile_headers(${name} REUSE_FROM rondo_pch)
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  foreach(dependency IN ITEMS RondoDialectIncGen ${ARG_DEPENDS})
    if(TARGET ${dependency})
      add_dependencies(${name} ${dependency})
    endif()
  endforeach()
endfunction()

# add_rondo_passes(Lib): generates Lib/Passes.h.inc from Passes.td of the current folder.
function(add_rondo_passes name)
  set(LLVM_TARGET_DEFINITIONS Passes.td)
  mlir_tablegen(Passes.h.inc -gen-pass-decls -name=${name})
  add_public_tablegen_target(Rondo${name}PassesIncGen)
endfunction()

# add_rondo_tool(NAME sources... LINK libraries...)
function(add_rondo_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  rondo_compile_options(${name})
  target_precompile_headers(${name} REUSE_FROM rondo_pch)
  target_link_libraries(${name} PRIVATE ${ARG_LINK} MLIR LLVM)
  target_link_options(${name} PRIVATE -fuse-ld=lld)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  add_dependencies(${name} RondoDialectIncGen)
endfunction()

# The runtime: a static library for parc itself (JIT, interpreter, tests), and a package that parc carries for executables.
set(parlane_runtime_flags -O2 -fno-exceptions -fno-rtti -ffunction-sections -fdata-sections -fPIC)
# Its fmt has no exceptions, so it gets a namespace of its own beside that of the compiler.
set(parlane_runtime_defines FMT_HEADER_ONLY "FMT_STATIC_THOUSANDS_SEPARATOR=','"
    "FMT_BEGIN_NAMESPACE=namespace fmt { inline namespace par_rt {" "FMT_END_NAMESPACE=}}")
parlane_sources(runtime_sources runtime runtime/sched runtime/os runtime/lib)
add_library(parlane_runtime STATIC ${runtime_sources})
target_include_directories(parlane_runtime PUBLIC ${CMAKE_SOURCE_DIR}/runtime/include)
target_compile_definitions(parlane_runtime PRIVATE ${parlane_runtime_defines})
target_compile_options(parlane_runtime PRIVATE ${parlane_runtime_flags})
target_link_libraries(parlane_runtime PUBLIC Threads::Threads)

# The package. Executables get no sanitizer, so a sanitized build compiles the runtime a second time, plainly.
set(package_folder ${CMAKE_BINARY_DIR}/generated/runtime)
file(MAKE_DIRECTORY ${package_folder})
find_program(PARLANE_LLD ld.lld-22 REQUIRED)
if(PARLANE_SANITIZED)
    set(package_objects)
    foreach(source ${runtime_sources})
        file(RELATIVE_PATH name ${CMAKE_SOURCE_DIR} ${source})
        string(REPLACE "/" "_" name ${name})
        list(TRANSFORM parlane_runtime_defines PREPEND -D OUTPUT_VARIABLE defines)
        add_custom_command(OUTPUT ${package_folder}/${name}.o
            COMMAND ${CMAKE_CXX_COMPILER_LAUNCHER} ${CMAKE_CXX_COMPILER} -std=c++23 -ffp-contract=off -Wno-deprecated-declarations
                ${parlane_runtime_flags} ${defines} -I${CMAKE_SOURCE_DIR} -I${CMAKE_SOURCE_DIR}/runtime/include
                -MD -MF ${package_folder}/${name}.d -c ${source} -o ${package_folder}/${name}.o
            DEPENDS ${source} DEPFILE ${package_folder}/${name}.d VERBATIM)
        list(APPEND package_objects ${package_folder}/${name}.o)
    endforeach()
else()
    set(package_objects $<TARGET_OBJECTS:parlane_runtime>)
endif()

# C parts: the entry of executables, the handle of the C++ library, and the fast paths as bitcode for codegen to inline.
foreach(name start dso_handle)
    add_custom_command(OUTPUT ${package_folder}/${name}.o
        COMMAND ${CMAKE_C_COMPILER} -O2 -fPIC -c ${CMAKE_SOURCE_DIR}/runtime/os/${name}.c -o ${package_folder}/${name}.o
        DEPENDS ${CMAKE_SOURCE_DIR}/runtime/os/${name}.c VERBATIM)
endforeach()
set(fast_bitcode ${package_folder}/fast.bc)
add_custom_command(OUTPUT ${fast_bitcode}
    COMMAND ${CMAKE_C_COMPILER} -std=c11 -O2 -Xclang -disable-llvm-passes -emit-llvm -fPIC -I${CMAKE_SOURCE_DIR}
        -I${CMAKE_SOURCE_DIR}/runtime/include -c ${CMAKE_SOURCE_DIR}/runtime/fast/fast.c -o ${fast_bitcode}
    DEPENDS ${CMAKE_SOURCE_DIR}/runtime/fast/fast.c ${CMAKE_SOURCE_DIR}/runtime/fast/fast.h
        ${CMAKE_SOURCE_DIR}/runtime/include/parlane/runtime.h VERBATIM)

# One object with everything an executable needs beyond libc and libm; sections stay apart, so that --gc-sections works.
foreach(name libstdc++.a libgcc_eh.a libgcc.a)
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=${name}
        OUTPUT_VARIABLE path OUTPUT_STRIP_TRAILING_WHITESPACE)
    list(APPEND package_archives ${path})
endforeach()
set(runtime_object ${package_folder}/runtime.o)
# Only par_* stays visible: programs in C++ bring a library of their own.
find_program(PARLANE_OBJCOPY llvm-objcopy-22 REQUIRED)
add_custom_command(OUTPUT ${runtime_object}
    COMMAND ${PARLANE_LLD} -r --strip-debug -o ${runtime_object} ${package_objects} ${package_folder}/dso_handle.o
        ${package_archives}
    COMMAND ${PARLANE_OBJCOPY} --wildcard "--keep-global-symbol=par_*" ${runtime_object}
    DEPENDS ${package_objects} ${package_folder}/dso_handle.o COMMAND_EXPAND_LISTS VERBATIM)

set(text ".section .rodata\n")
foreach(pair "runtime_object;${runtime_object}" "start_object;${package_folder}/start.o" "fast_bitcode;${fast_bitcode}")
    list(GET pair 0 name)
    list(GET pair 1 file)
    string(APPEND text ".balign 16\n.globl parlane_${name}, parlane_${name}_end\n"
        "parlane_${name}: .incbin \"${file}\"\nparlane_${name}_end: .byte 0\n")
endforeach()
string(APPEND text ".section .note.GNU-stack, \"\", @progbits\n")
set(package_source ${package_folder}/package.S)
file(CONFIGURE OUTPUT ${package_source} CONTENT "${text}" @ONLY)
set_source_files_properties(${package_source} PROPERTIES
    OBJECT_DEPENDS "${runtime_object};${package_folder}/start.o;${fast_bitcode}")
# Linked by whoever makes executables: see compiler/backend/runtime_object.h.
add_library(parlane_runtime_package STATIC ${package_source})

# Its tests: hand-written strips and stages, run under every schedule by test/runtime/schedules_test.cpp.
file(GLOB runtime_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/test/runtime/*.cpp)
if(runtime_tests)
    add_executable(runtime_tests ${runtime_tests})
    target_link_libraries(runtime_tests PRIVATE parlane_runtime GTest::gtest_main)
endif()

# find_package(Parlane) brings
#   parlane::parlane       the compiler as a library (parlane.h, parlane.hpp)
#   parlane::compiler      the command `parc`
#   parlane_add_library(name SHARED|STATIC|OBJECT file.par...)
#                          a library of the exported functions, with its header <name>.h
get_filename_component(parlane_prefix "${CMAKE_CURRENT_LIST_DIR}" DIRECTORY) # …/lib/cmake
get_filename_component(parlane_libdir "${parlane_prefix}" DIRECTORY)
get_filename_component(parlane_prefix "${parlane_libdir}" DIRECTORY)
while(NOT EXISTS "${parlane_prefix}/include/parlane.h" AND NOT parlane_prefix STREQUAL "/")
    get_filename_component(parlane_prefix "${parlane_prefix}" DIRECTORY) # lib/x86_64-linux-gnu/…
endwhile()

if(NOT TARGET parlane::parlane)
    add_library(parlane::parlane SHARED IMPORTED)
    set_target_properties(parlane::parlane PROPERTIES IMPORTED_LOCATION "${parlane_libdir}/libparlane.so"
        IMPORTED_SONAME libparlane.so INTERFACE_INCLUDE_DIRECTORIES "${parlane_prefix}/include")
    add_executable(parlane::compiler IMPORTED)
    set_target_properties(parlane::compiler PROPERTIES IMPORTED_LOCATION "${parlane_prefix}/bin/parc")
endif()

function(parlane_add_library name kind)
    string(TOLOWER "${kind}" emit)
    set(folder "${CMAKE_CURRENT_BINARY_DIR}/parlane/${name}")
    file(MAKE_DIRECTORY "${folder}")
    set(file "${folder}/lib${name}.so")
    if(kind STREQUAL "STATIC")
        set(file "${folder}/lib${name}.a")
    elseif(kind STREQUAL "OBJECT")
        # The runtime belongs to it, which an object alone does not have.
        set(emit static)
        set(file "${folder}/lib${name}.a")
    elseif(NOT kind STREQUAL "SHARED")
        message(FATAL_ERROR "parlane_add_library(${name} SHARED|STATIC|OBJECT file.par...)")
    endif()
    set(sources)
    foreach(source ${ARGN})
        get_filename_component(source "${source}" ABSOLUTE)
        list(APPEND sources "${source}")
    endforeach()
    add_custom_command(OUTPUT "${file}" "${folder}/${name}.h"
        COMMAND parlane::compiler build --emit=${emit} ${sources} -o "${file}"
        COMMAND parlane::compiler build --emit=header ${sources} -o "${folder}/${name}.h"
        DEPENDS ${sources} parlane::compiler VERBATIM)
    add_custom_target(${name}_parlane DEPENDS "${file}" "${folder}/${name}.h")
    add_library(${name} INTERFACE)
    add_dependencies(${name} ${name}_parlane)
    target_include_directories(${name} INTERFACE "${folder}")
    target_link_libraries(${name} INTERFACE "${file}" m)
endfunction()

# Embeds stdlib/**/*.par into the compiler as one table: module name (`std.io`, `core.list`), text.
# `.incbin` in a generated assembler file, because it costs no compile time; the table is sorted by name.
file(GLOB_RECURSE library_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/stdlib/*.par)
list(SORT library_files)
set(text ".section .rodata\n")
set(table "")
set(number 0)
foreach(file ${library_files})
    file(RELATIVE_PATH name ${CMAKE_SOURCE_DIR}/stdlib ${file})
    string(REGEX REPLACE "\\.par$" "" name ${name})
    string(REPLACE "/" "." name ${name})
    string(APPEND text "n${number}: .asciz \"${name}\"\nt${number}: .incbin \"${file}\"\ne${number}: .byte 0\n")
    string(APPEND table "  .quad n${number}, t${number}, e${number} - t${number}\n")
    math(EXPR number "${number} + 1")
endforeach()
string(APPEND text ".section .data.rel.ro, \"aw\"\n.balign 8\n.globl parlane_library_table, parlane_library_count\n"
    "parlane_library_table:\n${table}parlane_library_count: .quad ${number}\n"
    ".section .note.GNU-stack, \"\", @progbits\n")
set(parlane_library_source ${CMAKE_BINARY_DIR}/generated/library.S)
file(CONFIGURE OUTPUT ${parlane_library_source} CONTENT "${text}" @ONLY)
set_source_files_properties(${parlane_library_source} PROPERTIES OBJECT_DEPENDS "${library_files}")

# Embeds the pages of `parc explain`, lang/diag/explain/<code>.md, as one table sorted by code.
file(GLOB explain_pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/lang/diag/explain/*.md)
list(SORT explain_pages)
set(text ".section .rodata\n")
set(table "")
set(number 0)
foreach(file ${explain_pages})
    get_filename_component(name ${file} NAME_WE)
    string(APPEND text "n${number}: .asciz \"${name}\"\nt${number}: .incbin \"${file}\"\ne${number}: .byte 0\n")
    string(APPEND table "  .quad n${number}, t${number}, e${number} - t${number}\n")
    math(EXPR number "${number} + 1")
endforeach()
string(APPEND text ".section .data.rel.ro, \"aw\"\n.balign 8\n.globl parlane_explain_table, parlane_explain_count\n"
    "parlane_explain_table:\n${table}parlane_explain_count: .quad ${number}\n"
    ".section .note.GNU-stack, \"\", @progbits\n")
set(parlane_explain_source ${CMAKE_BINARY_DIR}/generated/explain.S)
file(CONFIGURE OUTPUT ${parlane_explain_source} CONTENT "${text}" @ONLY)
set_source_files_properties(${parlane_explain_source} PROPERTIES OBJECT_DEPENDS "${explain_pages}")

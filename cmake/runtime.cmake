# The runtime: a static library for parc itself (JIT, interpreter, tests); packaged for executables further below.
set(parlane_runtime_flags -fno-exceptions -fno-rtti -ffunction-sections -fdata-sections -fPIC)
parlane_sources(runtime_sources runtime runtime/sched runtime/os runtime/lib)
add_library(parlane_runtime STATIC ${runtime_sources})
target_include_directories(parlane_runtime PUBLIC ${CMAKE_SOURCE_DIR}/runtime/include)
target_compile_definitions(parlane_runtime PRIVATE FMT_HEADER_ONLY FMT_STATIC_THOUSANDS_SEPARATOR=',')
target_compile_options(parlane_runtime PRIVATE ${parlane_runtime_flags})
target_link_libraries(parlane_runtime PUBLIC Threads::Threads)

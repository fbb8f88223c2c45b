# The runtime: a static library for parc itself (JIT, interpreter, tests); packaged for executables further below.
set(parlane_runtime_flags -fno-exceptions -fno-rtti -ffunction-sections -fdata-sections -fPIC)
parlane_sources(runtime_sources runtime runtime/sched runtime/os runtime/lib)
add_library(parlane_runtime STATIC ${runtime_sources})
target_include_directories(parlane_runtime PUBLIC ${CMAKE_SOURCE_DIR}/runtime/include)
target_compile_definitions(parlane_runtime PRIVATE FMT_HEADER_ONLY FMT_STATIC_THOUSANDS_SEPARATOR=',')
target_compile_options(parlane_runtime PRIVATE ${parlane_runtime_flags})
target_link_libraries(parlane_runtime PUBLIC Threads::Threads)

# Its tests: hand-written strips and stages, run under every schedule by test/runtime/schedules_test.cpp.
file(GLOB runtime_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/test/runtime/*.cpp)
if(runtime_tests)
    add_executable(runtime_tests ${runtime_tests})
    target_link_libraries(runtime_tests PRIVATE parlane_runtime GTest::gtest_main)
endif()

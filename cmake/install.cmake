# `cmake --install build --prefix DIR`: the compiler, the library, and what finds them.
include(GNUInstallDirs)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Parlane)
# What is built is what is installed: LLVM's folder is the one place outside the system's where they look.
set_target_properties(parc parlane PROPERTIES INSTALL_RPATH /usr/lib/llvm-22/lib BUILD_WITH_INSTALL_RPATH ON)
install(TARGETS parc RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS parlane LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES compiler/embed/parlane.h compiler/embed/parlane.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES cmake/package/ParlaneConfig.cmake DESTINATION ${package_dir})

include(CMakePackageConfigHelpers)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/generated/ParlaneConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/generated/ParlaneConfigVersion.cmake DESTINATION ${package_dir})

configure_file(cmake/package/parlane.pc.in ${CMAKE_BINARY_DIR}/generated/parlane.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/generated/parlane.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

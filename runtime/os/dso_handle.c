/* What the C++ library passes to __cxa_atexit; elsewhere it comes from crtbegin.o. One an executable or shared
 * library. */
__attribute__((visibility("hidden"))) void *__dso_handle = &__dso_handle;

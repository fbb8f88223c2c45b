/* What the C++ library passes to __cxa_atexit; elsewhere it comes from crtbegin.o. One an executable or shared
 * library. */
__attribute__((visibility("hidden"))) void *__dso_handle = &__dso_handle;

/* libc.so has only what `pthread_atfork` of libc_nonshared.a calls, and that archive is not on a user's machine. */
extern int __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void), void *dso);

__attribute__((visibility("hidden"))) int pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void)) {
    return __register_atfork(prepare, parent, child, &__dso_handle);
}

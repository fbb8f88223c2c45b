/* The bitcode that is linked into generated code: the functions of fast.h with external names. */
#define PAR_FAST_EXTERNAL
#include "runtime/fast/fast.h"

/* For C hosts of exported functions, and for the wrappers around these. */
#ifndef PARLANE_HOST_H
#define PARLANE_HOST_H
#include "parlane/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The end of an exported function: leaves, and keeps the text of a failure for par_last_error. Returns `outcome`. */
int32_t par_rt_host_leave(par_ctx *, par_entry *, int32_t outcome);
/* Why the last failing call of an exported function on this thread failed; valid until the next one. */
const char *par_last_error(void);
/* Releases an array that an exported function gave out (`bytes`: its extents times the element size). */
void par_free(void *data, int64_t bytes);
/* The bytes of a text that an exported function gave out, and how many; valid until it is released. */
const char *par_str_text(const par_str *text, int64_t *bytes);
/* Releases it. */
void par_str_free(par_str *text);

#ifdef __cplusplus
}
#endif
#endif

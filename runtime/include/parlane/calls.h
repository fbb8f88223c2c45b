/* Library calls in the uniform convention: outcome par_rt_NAME(ctx, result, operands…), result and operands by
 * pointer to their native representation; `result` is NULL where a call has none. The comment beside each says
 * result(operands); compiler/pir/runtime_calls.def has a row for each. Calls marked `throws` give 1 with an `Error`;
 * `traps`
 * give 2; all that allocate may trap for want of memory. */
#ifndef PARLANE_CALLS_H
#define PARLANE_CALLS_H
#include "parlane/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- strings ---- */
int32_t par_rt_str_copy(par_ctx *, void *result, const void *s); /* str(str) */
/* (ref str); never fails, leaves zero */
int32_t par_rt_str_drop(par_ctx *, void *none, void *s);
int32_t par_rt_str_concat(par_ctx *, void *result, const void *parts); /* str(view<str,1>) */
/* i64(str, str): -1, 0, 1, by bytes */
int32_t par_rt_str_compare(par_ctx *, void *result, const void *a, const void *b);
/* bool(str, str): a < b by bytes */
int32_t par_rt_str_less(par_ctx *, void *result, const void *a, const void *b);
int32_t par_rt_str_equal(par_ctx *, void *result, const void *a, const void *b); /* bool(str, str) */
int32_t par_rt_str_hash(par_ctx *, void *result, const void *s); /* u64(str): without a seed */
/* str(str, i64, i64), traps */
int32_t par_rt_str_slice(par_ctx *, void *result, const void *s, const void *lo, const void *hi);
/* view<u8,1>(str): lives as long as *s */
int32_t par_rt_str_bytes(par_ctx *, void *result, const void *s);
/* str(view<u8,1>), throws if not UTF-8 */
int32_t par_rt_str_from_bytes(par_ctx *, void *result, const void *bytes);
/* str(u32): U+FFFD if not a code point */
int32_t par_rt_str_from_code(par_ctx *, void *result, const void *code);
/* u32(str, ref i64): the code point at byte *at (in range), which moves behind it */
int32_t par_rt_str_next(par_ctx *, void *result, const void *s, void *at);
/* i64(str, str, i64): or -1 */
int32_t par_rt_str_find(par_ctx *, void *result, const void *s, const void *what, const void *from);

/* ---- formatting: spec is fmt's, without the braces ("" or ".3"); checked by the compiler, a bad one traps ---- */
int32_t par_rt_format_i64(par_ctx *, void *result, const void *spec, const void *value); /* str(str, i64) */
int32_t par_rt_format_u64(par_ctx *, void *result, const void *spec, const void *value); /* str(str, u64) */
int32_t par_rt_format_f32(par_ctx *, void *result, const void *spec, const void *value); /* str(str, f32) */
int32_t par_rt_format_f64(par_ctx *, void *result, const void *spec, const void *value); /* str(str, f64) */
int32_t par_rt_format_bool(par_ctx *, void *result, const void *spec, const void *value); /* str(str, bool) */
int32_t par_rt_format_str(par_ctx *, void *result, const void *spec, const void *value); /* str(str, str) */
int32_t par_rt_parse_i64(par_ctx *, void *result, const void *s); /* i64(str), throws */
int32_t par_rt_parse_u64(par_ctx *, void *result, const void *s); /* u64(str), throws */
/* f32(str), throws; rounded once */
int32_t par_rt_parse_f32(par_ctx *, void *result, const void *s);
int32_t par_rt_parse_f64(par_ctx *, void *result, const void *s); /* f64(str), throws */
int32_t par_rt_parse_bool(par_ctx *, void *result, const void *s); /* bool(str), throws */

/* ---- output and input ---- */
/* (str): the text and a newline, in serial order */
int32_t par_rt_print(par_ctx *, void *none, const void *s);
int32_t par_rt_print_raw(par_ctx *, void *none, const void *s); /* (str): without a newline */
/* (str): to standard error, at once */
int32_t par_rt_print_error(par_ctx *, void *none, const void *s);
/* File(): dropping it closes nothing */
int32_t par_rt_stdin(par_ctx *, void *result);
/* File(str), throws: for reading */
int32_t par_rt_file_open(par_ctx *, void *result, const void *path);
/* File(str), throws: new or emptied */
int32_t par_rt_file_create(par_ctx *, void *result, const void *path);
int32_t par_rt_file_append(par_ctx *, void *result, const void *path); /* File(str), throws */
/* u8[](ref File, i64), throws: n bytes, fewer only at the end */
int32_t par_rt_file_read(par_ctx *, void *result, void *file, const void *n);
/* i64(ref File, view<u8,1>), throws: as above */
int32_t par_rt_file_read_into(par_ctx *, void *result, void *file, const void *into);
/* (ref File, view<u8,1>), throws */
int32_t par_rt_file_write(par_ctx *, void *none, void *file, const void *bytes);
int32_t par_rt_file_write_str(par_ctx *, void *none, void *file, const void *s); /* (ref File, str), throws */
int32_t par_rt_file_size(par_ctx *, void *result, void *file); /* i64(ref File), throws */
int32_t par_rt_file_seek(par_ctx *, void *none, void *file, const void *at); /* (ref File, i64), throws */
/* (ref File): never fails, leaves zero; the drop of a File */
int32_t par_rt_file_close(par_ctx *, void *none, void *file);
int32_t par_rt_read_file(par_ctx *, void *result, const void *path); /* u8[](str), throws */
int32_t par_rt_write_file(par_ctx *, void *none, const void *path, const void *bytes); /* (str, view<u8,1>), throws */

/* ---- the process and time ---- */
/* str[](): without the program's name */
int32_t par_rt_args(par_ctx *, void *result);
int32_t par_rt_env(par_ctx *, void *result, const void *name); /* str?(str) */
/* unit(): counts a region that runs serially because a predicate in front of it does not hold */
int32_t par_rt_guard_failed(par_ctx *, void *none);
int32_t par_rt_now(par_ctx *, void *result); /* f64(): monotonic seconds */
int32_t par_rt_unix_time(par_ctx *, void *result); /* f64(): seconds since 1970 */
int32_t par_rt_sleep(par_ctx *, void *none, const void *seconds); /* (f64): may return 3 */
int32_t par_rt_thread_count(par_ctx *, void *result); /* i64() */

#ifdef __cplusplus
}
#endif
#endif

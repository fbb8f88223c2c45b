// Files: a handle without a buffer, so that nothing can be lost. Errors are thrown with the path and the reason.
#include "runtime/lib/text.h"
#include "runtime/print.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace parlane::rt {

namespace {

constexpr int64_t kLargestPiece = int64_t{1} << 30; ///< of one read or write
constexpr int64_t kBorrowed = int64_t{1} << 32;     ///< added to handles that dropping must not close

int descriptorOf(const void *file) {
    return static_cast<int>((static_cast<const par_file *>(file)->handle & 0xFFFFFFFF) - 1);
}

int32_t throwErrno(Worker &w, const char *doing, const char *path, size_t path_length) {
    char text[512], reason_room[128];
    const char *reason = strerror_r(errno, reason_room, sizeof reason_room);
    int shown = static_cast<int>(std::min<size_t>(path_length, 300));
    int length = snprintf(text, sizeof text, "cannot %s%s%.*s%s: %s", doing, path ? " `" : "", path ? shown : 0,
                          path ? path : "", path ? "`" : "", reason);
    return throwWith(w, text, static_cast<size_t>(length));
}

/// A C string of a path; its release is the caller's. Null if it holds a zero byte or memory is out.
char *pathOf(Text text) {
    if (memchr(text.data, 0, text.size())) {
        errno = EINVAL;
        return nullptr;
    }
    return strndup(text.chars(), text.size());
}

int openPath(const void *path, int flags) {
    char *name = pathOf(textOf(path));
    if (!name) return -1;
    int descriptor = open(name, flags | O_CLOEXEC, 0666);
    int error = errno;
    free(name);
    errno = error;
    return descriptor;
}

int32_t openFile(par_ctx *ctx, void *result, const void *path, int flags, const char *doing) {
    int descriptor = openPath(path, flags);
    if (descriptor < 0) {
        Text text = textOf(path);
        return throwErrno(workerOf(ctx), doing, text.chars(), text.size());
    }
    static_cast<par_file *>(result)->handle = descriptor + 1;
    return PAR_OK;
}

/// Reads until `n` bytes or the end; -1 on error.
int64_t readFully(int descriptor, uint8_t *into, int64_t n) {
    int64_t done = 0;
    while (done < n) {
        ssize_t got = read(descriptor, into + done, static_cast<size_t>(std::min(n - done, kLargestPiece)));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        done += got;
    }
    return done;
}

/// An owned array of exactly the bytes that could be read, at most `n`.
int32_t readArray(Worker &w, int descriptor, int64_t n, par_array &result) {
    int64_t room = std::min<int64_t>(n, 1 << 16), done = 0;
    struct stat status;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
        int64_t left = status.st_size - std::max<int64_t>(lseek(descriptor, 0, SEEK_CUR), 0);
        room = std::min(n, std::max<int64_t>(left, 0) + 1); // one more, so that the end is seen at once
    }
    auto *data = static_cast<uint8_t *>(par_rt_alloc(&w, room, 0));
    if (!data) return PAR_TRAPPED;
    for (;;) {
        int64_t got = readFully(descriptor, data + done, room - done);
        if (got < 0) {
            par_rt_free(data, room);
            return PAR_THROWN;
        }
        done += got;
        if (done < room || done == n) break;
        int64_t more = std::min(n, room * 2);
        auto *bigger = static_cast<uint8_t *>(par_rt_alloc(&w, more, 0));
        if (!bigger) {
            par_rt_free(data, room);
            return PAR_TRAPPED;
        }
        memcpy(bigger, data, static_cast<size_t>(done));
        par_rt_free(data, room);
        data = bigger;
        room = more;
    }
    if (done < room) {
        auto *exact = done > 0 ? static_cast<uint8_t *>(par_rt_alloc(&w, done, 0)) : nullptr;
        if (done > 0 && !exact) {
            par_rt_free(data, room);
            return PAR_TRAPPED;
        }
        if (done > 0) memcpy(exact, data, static_cast<size_t>(done));
        par_rt_free(data, room);
        data = exact;
    }
    result = {done > 0 ? data : nullptr, done};
    if (done == 0 && room == 0) result = {nullptr, 0};
    return PAR_OK;
}

int32_t writeBytes(par_ctx *ctx, const void *file, const void *bytes, size_t count) {
    int descriptor = descriptorOf(file);
    if (descriptor == 1) flushOutput(workerOf(ctx));
    if (writeAll(descriptor, bytes, count)) return PAR_OK;
    return throwErrno(workerOf(ctx), "write", nullptr, 0);
}

} // namespace

} // namespace parlane::rt

using namespace parlane::rt;

extern "C" int32_t par_rt_stdin(par_ctx *, void *result) {
    static_cast<par_file *>(result)->handle = kBorrowed + 1;
    return PAR_OK;
}

extern "C" int32_t par_rt_file_open(par_ctx *ctx, void *result, const void *path) {
    return openFile(ctx, result, path, O_RDONLY, "open");
}

extern "C" int32_t par_rt_file_create(par_ctx *ctx, void *result, const void *path) {
    return openFile(ctx, result, path, O_RDWR | O_CREAT | O_TRUNC, "create");
}

extern "C" int32_t par_rt_file_append(par_ctx *ctx, void *result, const void *path) {
    return openFile(ctx, result, path, O_WRONLY | O_CREAT | O_APPEND, "open");
}

extern "C" int32_t par_rt_file_read(par_ctx *ctx, void *result, void *file, const void *n) {
    Worker &w = workerOf(ctx);
    int64_t count;
    memcpy(&count, n, sizeof count);
    if (descriptorOf(file) == 0) flushOutput(w);
    int32_t o = readArray(w, descriptorOf(file), std::max<int64_t>(count, 0), *static_cast<par_array *>(result));
    return o == PAR_THROWN ? throwErrno(w, "read", nullptr, 0) : o;
}

extern "C" int32_t par_rt_file_read_into(par_ctx *ctx, void *result, void *file, const void *into) {
    Worker &w = workerOf(ctx);
    auto *view = static_cast<const par_view1 *>(into);
    if (descriptorOf(file) == 0) flushOutput(w);
    int64_t got = readFully(descriptorOf(file), static_cast<uint8_t *>(view->data), view->n);
    if (got < 0) return throwErrno(w, "read", nullptr, 0);
    memcpy(result, &got, sizeof got);
    return PAR_OK;
}

extern "C" int32_t par_rt_file_write(par_ctx *ctx, void *, void *file, const void *bytes) {
    auto *view = static_cast<const par_view1 *>(bytes);
    return writeBytes(ctx, file, view->data, static_cast<size_t>(view->n));
}

extern "C" int32_t par_rt_file_write_str(par_ctx *ctx, void *, void *file, const void *s) {
    Text text = textOf(s);
    return writeBytes(ctx, file, text.data, text.size());
}

extern "C" int32_t par_rt_file_size(par_ctx *ctx, void *result, void *file) {
    struct stat status;
    if (fstat(descriptorOf(file), &status) != 0) return throwErrno(workerOf(ctx), "ask the size", nullptr, 0);
    int64_t size = status.st_size;
    memcpy(result, &size, sizeof size);
    return PAR_OK;
}

extern "C" int32_t par_rt_file_seek(par_ctx *ctx, void *, void *file, const void *at) {
    int64_t position;
    memcpy(&position, at, sizeof position);
    if (lseek(descriptorOf(file), position, SEEK_SET) < 0) return throwErrno(workerOf(ctx), "seek", nullptr, 0);
    return PAR_OK;
}

extern "C" int32_t par_rt_file_close(par_ctx *, void *, void *file) {
    auto *f = static_cast<par_file *>(file);
    if (f->handle != 0 && f->handle < kBorrowed) close(descriptorOf(file));
    f->handle = 0;
    return PAR_OK;
}

extern "C" int32_t par_rt_read_file(par_ctx *ctx, void *result, const void *path) {
    Worker &w = workerOf(ctx);
    Text name = textOf(path);
    int descriptor = openPath(path, O_RDONLY);
    if (descriptor < 0) return throwErrno(w, "open", name.chars(), name.size());
    int32_t o = readArray(w, descriptor, INT64_MAX / 4, *static_cast<par_array *>(result));
    int error = errno;
    close(descriptor);
    errno = error;
    return o == PAR_THROWN ? throwErrno(w, "read", name.chars(), name.size()) : o;
}

extern "C" int32_t par_rt_write_file(par_ctx *ctx, void *, const void *path, const void *bytes) {
    Worker &w = workerOf(ctx);
    Text name = textOf(path);
    auto *view = static_cast<const par_view1 *>(bytes);
    int descriptor = openPath(path, O_WRONLY | O_CREAT | O_TRUNC);
    if (descriptor < 0) return throwErrno(w, "create", name.chars(), name.size());
    bool good = writeAll(descriptor, view->data, static_cast<size_t>(view->n));
    int error = errno;
    if (close(descriptor) != 0 && good) {
        good = false;
        error = errno;
    }
    errno = error;
    return good ? int32_t{PAR_OK} : throwErrno(w, "write", name.chars(), name.size());
}

/* Lets a folder turn read-only under a running program, and writable again, as no disk of Linux does without being unmounted:
   while the file $READ_ONLY_WHILE exists, whatever would write below $READ_ONLY_BELOW is refused with EROFS, files that are open
   already among it. To be loaded with LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *below, *flag;

__attribute__((constructor)) static void begin(void) {
    below = getenv("READ_ONLY_BELOW");
    flag = getenv("READ_ONLY_WHILE");
}

static int now(void) {
    int before = errno;
    int yes = below && flag && syscall(SYS_faccessat, AT_FDCWD, flag, F_OK) == 0;
    errno = before;
    return yes;
}

static int refused(void) {
    errno = EROFS;
    return -1;
}

static int path_is_below(const char *path) {
    char whole[PATH_MAX];
    if (!path) return 0;
    if (path[0] != '/') {
        if (!getcwd(whole, sizeof whole) || strlen(whole) + strlen(path) + 2 > sizeof whole) return 0;
        strcat(strcat(whole, "/"), path);
        path = whole;
    }
    return strncmp(path, below, strlen(below)) == 0;
}

static int handle_is_below(int handle) {
    char link[64], path[PATH_MAX];
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = before;
    if (length < 0) return 0;
    path[length] = 0;
    return path_is_below(path);
}

#define NEXT(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))
#define HANDLE(type, name, parameters, arguments, ...)                     \
    type name parameters {                                                 \
        if (now() && handle_is_below(handle)) return refused();            \
        return NEXT(type, name, __VA_ARGS__) arguments;                    \
    }
#define PATH(type, name, parameters, arguments, ...)                       \
    type name parameters {                                                 \
        if (now() && path_is_below(path)) return refused();                \
        return NEXT(type, name, __VA_ARGS__) arguments;                    \
    }
#define OPEN(name)                                                         \
    int name(const char *path, int flags, ...) {                           \
        va_list more;                                                      \
        va_start(more, flags);                                             \
        mode_t mode = va_arg(more, mode_t);                                \
        va_end(more);                                                      \
        int writes = (flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC); \
        if (writes && now() && path_is_below(path)) return refused();      \
        return NEXT(int, name, const char *, int, ...)(path, flags, mode); \
    }
#define OPEN_AT(name)                                                      \
    int name(int folder, const char *path, int flags, ...) {               \
        va_list more;                                                      \
        va_start(more, flags);                                             \
        mode_t mode = va_arg(more, mode_t);                                \
        va_end(more);                                                      \
        int writes = (flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC); \
        if (writes && now() && path_is_below(path)) return refused();      \
        return NEXT(int, name, int, const char *, int, ...)(folder, path, flags, mode); \
    }

HANDLE(ssize_t, write, (int handle, const void *data, size_t size), (handle, data, size), int, const void *, size_t)
HANDLE(ssize_t, pwrite, (int handle, const void *data, size_t size, off_t at), (handle, data, size, at), int, const void *, size_t, off_t)
HANDLE(ssize_t, pwrite64, (int handle, const void *data, size_t size, off64_t at), (handle, data, size, at), int, const void *, size_t, off64_t)
HANDLE(ssize_t, writev, (int handle, const struct iovec *parts, int count), (handle, parts, count), int, const struct iovec *, int)
HANDLE(int, fsync, (int handle), (handle), int)
HANDLE(int, fdatasync, (int handle), (handle), int)
HANDLE(int, ftruncate, (int handle, off_t size), (handle, size), int, off_t)
HANDLE(int, ftruncate64, (int handle, off64_t size), (handle, size), int, off64_t)
PATH(int, unlink, (const char *path), (path), const char *)
PATH(int, rmdir, (const char *path), (path), const char *)
PATH(int, mkdir, (const char *path, mode_t mode), (path, mode), const char *, mode_t)
PATH(int, rename, (const char *path, const char *to), (path, to), const char *, const char *)
OPEN(open)
OPEN(open64)
OPEN_AT(openat)
OPEN_AT(openat64)

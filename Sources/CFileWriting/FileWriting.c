#define _GNU_SOURCE

#include "FileWriting.h"

#include <errno.h>
#include <fcntl.h>

int file_set_direct(int descriptor, bool is_direct) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) { return errno; }
    int changed = is_direct ? flags | O_DIRECT : flags & ~O_DIRECT;
    return fcntl(descriptor, F_SETFL, changed) == 0 ? 0 : errno;
}

int file_reserve(int descriptor, int64_t size) {
    return fallocate(descriptor, 0, 0, size) == 0 ? 0 : errno;
}

int file_start_writing(int descriptor, int64_t offset, int64_t size) {
    return sync_file_range(descriptor, offset, size, SYNC_FILE_RANGE_WRITE) == 0 ? 0 : errno;
}

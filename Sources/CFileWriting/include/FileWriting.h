// System calls for writing large files that Swift's view of the C library does not show.
#ifndef LIKENESS_FILE_WRITING_H
#define LIKENESS_FILE_WRITING_H

#include <stdbool.h>
#include <stdint.h>

/// Whether writes to an open file go past the page cache from now on, or through it again.
/// Returns 0 or errno.
int file_set_direct(int descriptor, bool is_direct);

/// Takes room on the disk for the first `size` bytes. Returns 0 or errno.
int file_reserve(int descriptor, int64_t size);

/// Tells the disk to begin with bytes that are in the page cache. Returns 0 or errno.
int file_start_writing(int descriptor, int64_t offset, int64_t size);

#endif

// Room for large tensors on the CPU in large pages, where the system has them for the asking.
#pragma once

#include <ATen/ATen.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

// Uninitialised. What is filled once and kept gets its memory in pages of 2 MB instead of 4 KB: a fault
// for each 4 KB costs more than filling them.
inline at::Tensor emptyInLargePages(at::IntArrayRef sizes, at::ScalarType type) {
  auto result = at::empty(sizes, type);
#if defined(__linux__)
  constexpr uintptr_t page = 1 << 21;
  auto start = reinterpret_cast<uintptr_t>(result.mutable_data_ptr());
  auto first = (start + page - 1) / page * page, last = (start + result.nbytes()) / page * page;
  // Advice only: where it is refused, the pages are small and nothing is wrong.
  if (first < last) madvise(reinterpret_cast<void *>(first), last - first, MADV_HUGEPAGE);
#endif
  return result;
}

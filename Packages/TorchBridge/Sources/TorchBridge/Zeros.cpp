// Zeros that take memory only where they are written.
#include "Guard.h"

#include <cstring>
#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

// What the allocator handed out is private memory without a file: whole pages that the system takes back
// are zeros when they are touched again.
static void clear(char *begin, char *end) {
#if defined(__linux__)
  static const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  auto start = reinterpret_cast<uintptr_t>(begin), stop = reinterpret_cast<uintptr_t>(end);
  auto first = (start + page - 1) / page * page, last = stop / page * page;
  auto *pages = reinterpret_cast<void *>(first);
  if (first < last && madvise(pages, last - first, MADV_DONTNEED) == 0) {
    std::memset(begin, 0, first - start);
    std::memset(end - (stop - last), 0, stop - last);
    return;
  }
#endif
  std::memset(begin, 0, end - begin);
}

extern "C" {

tb_status tb_zeros_when_written(tb_tensor **out, tb_dims shape, tb_dtype type, const char *device) {
  return guard([&] {
    auto options = at::TensorOptions(scalarType(type)).device(at::Device(device));
    if (!options.device().is_cpu()) {
      *out = owned(at::zeros(dims(shape), options));
      return;
    }
    auto result = at::empty(dims(shape), options);
    if (auto *begin = static_cast<char *>(result.mutable_data_ptr()))
      clear(begin, begin + result.nbytes());
    *out = owned(result);
  });
}
}

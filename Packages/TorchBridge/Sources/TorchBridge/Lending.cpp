// Tensors whose memory is a file's, and copies of them.
#include "Lending.h"

#include "Guard.h"
#include "LargePages.h"
#include <c10/core/GradMode.h>
#include <unistd.h>

namespace {
struct Lease {
  void *owner;
  void (*release)(void *);
};

void end(void *pointer) {
  auto *lease = static_cast<Lease *>(pointer);
  lease->release(lease->owner);
  delete lease;
}
} // namespace

bool isLent(const at::Tensor &x) { return x.storage().data_ptr().get_deleter() == &end; }

void giveBack(const char *begin, const char *end) {
#if defined(__linux__)
  static const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  // A page that reaches beyond belongs to others too.
  auto first = (reinterpret_cast<uintptr_t>(begin) + page - 1) / page * page;
  auto last = reinterpret_cast<uintptr_t>(end) / page * page;
  // Advice only: where it is refused, the pages stay and nothing is wrong.
  if (first < last) madvise(reinterpret_cast<void *>(first), last - first, MADV_DONTNEED);
#endif
}

extern "C" {

tb_status tb_lend_bytes(tb_tensor **out, const void *bytes, tb_dtype type, tb_dims shape,
                        void (*release)(void *), void *owner) {
  std::unique_ptr<Lease, void (*)(void *)> lease(new Lease{owner, release}, &end);
  return guard([&] {
    auto options = at::TensorOptions(scalarType(type));
    // Whoever borrows only reads; LibTorch knows no constant memory.
    auto maker = at::for_blob(const_cast<void *>(bytes), dims(shape));
    *out = owned(maker.context(lease.release(), &end).options(options).make_tensor());
  });
}

tb_status tb_copied(tb_tensor **out, const tb_tensor *x, tb_dtype type, const char *device) {
  return guard([&] {
    c10::NoGradGuard plain;
    const auto &value = x->value;
    auto kind = type == TB_UNKNOWN_TYPE ? value.scalar_type() : scalarType(type);
    auto place = device ? at::Device(device) : value.device();
    // What nobody lent is its holder's already.
    if (!isLent(value)) {
      *out = owned(value.to(value.options().device(place).dtype(kind)));
      return;
    }
    if (!place.is_cpu()) {
      *out = owned(value.to(value.options().device(place).dtype(kind), false, /*copy=*/true));
      return;
    }
    auto result = emptyInLargePages(value.sizes(), kind);
    *out = owned(result.copy_(value));
  });
}
}

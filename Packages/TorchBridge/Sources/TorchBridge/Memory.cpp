// The CPU's memory, counted as an accelerator's allocator counts its own: what tensors hold now, and at
// most. A limit makes the CPU run out of memory as an accelerator does.
#include "Guard.h"

#include "Memory.h"
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#if defined(__APPLE__)
#include <malloc/malloc.h>
#else
#include <malloc.h>
#endif

static std::atomic<int64_t> held{0};
static std::atomic<int64_t> highest{0};
static std::atomic<int64_t> largest{0};
static std::atomic<int64_t> limit{0};

static int64_t sizeOf(void *block) {
#if defined(__APPLE__)
  return static_cast<int64_t>(malloc_size(block));
#else
  return static_cast<int64_t>(malloc_usable_size(block));
#endif
}

static void lift(std::atomic<int64_t> &mark, int64_t value) {
  int64_t before = mark;
  while (value > before && !mark.compare_exchange_weak(before, value)) {
  }
}

static void give(void *block) {
  if (!block) return;
  held -= sizeOf(block);
  c10::free_cpu(block);
}

namespace {
struct CountingAllocator final : c10::Allocator {
  c10::DataPtr allocate(size_t count) override {
    int64_t most = limit;
    if (most > 0 && held + static_cast<int64_t>(count) > most) {
      TORCH_CHECK_WITH(OutOfMemoryError, false, "tried to allocate ", count, " bytes with ", held.load(),
                       " of ", most, " in use");
    }
    void *block = c10::alloc_cpu(count);
    if (block) {
      lift(highest, held += sizeOf(block));
      lift(largest, static_cast<int64_t>(count));
    }
    return {block, block, &give, c10::DeviceType::CPU};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &give; }
  void copy_data(void *target, const void *source, size_t count) const override {
    default_copy_data(target, source, count);
  }
};
} // namespace

static CountingAllocator counting;
static bool isCounting = [] {
  c10::SetCPUAllocator(&counting, 1);
  return true;
}();

void cpuMemory(int64_t *now, int64_t *peak) {
  *now = held;
  *peak = highest;
}

void resetCPUMemory() {
  highest = held.load();
  largest = 0;
}

void cpuSize(int64_t *total, int64_t *unused) {
  *total = limit;
  *unused = *total > 0 ? *total - held : 0;
}

extern "C" {

void tb_limit_cpu_memory(int64_t bytes) { limit = bytes; }

int64_t tb_largest_cpu_allocation(void) { return largest; }
}

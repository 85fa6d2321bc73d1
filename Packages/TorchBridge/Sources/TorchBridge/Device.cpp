// Devices by name, their memory, and the threads of the CPU. No CUDA header is needed: what a CUDA
// LibTorch adds is loaded when it is there and reached through LibTorch's own device interfaces.
#include "Guard.h"
#include "Memory.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/detail/MPSHooksInterface.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#include <torch/version.h>

// Linked programs name only the CPU library; the CUDA one registers its kernels when it is loaded.
static bool acceleratorsLoaded = [] {
  dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL);
  // float32 means float32: cuDNN would round the encoders' convolutions to 10 bits (TF32).
  at::globalContext().setAllowTF32CuDNN(false);
  return true;
}();

static c10::DeviceAllocator *allocator(const at::Device &device) {
  return device.is_cpu() ? nullptr : c10::getDeviceAllocator(device.type());
}

// Free and all bytes; versions of LibTorch that do not tell give zeros.
template <typename Allocator>
static std::pair<size_t, size_t> sizes(Allocator *memory, c10::DeviceIndex index) {
  if constexpr (requires { memory->getMemoryInfo(index); }) return memory->getMemoryInfo(index);
  return {0, 0};
}

static c10::DeviceIndex indexOf(const at::Device &device) {
  return device.has_index() ? device.index() : 0;
}

extern "C" {

const char *tb_version(void) { return TORCH_VERSION; }

int32_t tb_thread_count(void) { return at::get_num_threads(); }

void tb_set_thread_count(int32_t count) { at::set_num_threads(count); }

int32_t tb_device_count(const char *kind) {
  std::string name = kind;
  if (name == "cpu") return 1;
  int32_t count = 0;
  guard([&] {
    if (name == "cuda" && at::hasCUDA()) count = at::detail::getCUDAHooks().deviceCount();
    if (name == "mps" && at::hasMPS()) count = 1;
  });
  return count;
}

tb_status tb_device_memory(const char *device, int64_t *now, int64_t *peak) {
  return guard([&] {
    at::Device place(device);
    *now = *peak = 0;
    if (place.is_cpu()) return cpuMemory(now, peak);
    auto *memory = allocator(place);
    if (!memory || !memory->initialized()) return;
    auto all = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
    auto stats = memory->getDeviceStats(indexOf(place));
    *now = stats.allocated_bytes[all].current;
    *peak = stats.allocated_bytes[all].peak;
  });
}

tb_status tb_reset_peak_memory(const char *device) {
  return guard([&] {
    at::Device place(device);
    if (place.is_cpu()) return resetCPUMemory();
    auto *memory = allocator(place);
    if (memory && memory->initialized()) memory->resetPeakStats(indexOf(place));
  });
}

tb_status tb_device_size(const char *device, int64_t *total, int64_t *unused) {
  return guard([&] {
    at::Device place(device);
    *total = *unused = 0;
    if (place.is_cpu()) return cpuSize(total, unused);
    auto *memory = allocator(place);
    auto [left, all] = sizes(memory, indexOf(place));
    *total = static_cast<int64_t>(all);
    *unused = static_cast<int64_t>(left);
  });
}

tb_status tb_synchronize(const char *device) {
  return guard([&] {
    at::Device place(device);
    if (place.is_cpu()) return;
    c10::impl::VirtualGuardImpl(place.type()).synchronizeDevice(indexOf(place));
  });
}

tb_status tb_release_cached_memory(const char *device) {
  return guard([&] {
    at::Device place(device);
#if defined(__GLIBC__)
    if (place.is_cpu()) malloc_trim(0);
#endif
    auto *memory = allocator(place);
    if (memory && memory->initialized()) memory->emptyCache();
  });
}
}

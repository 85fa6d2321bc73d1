// Loops on the threads of LibTorch's own pool.
//
// at::parallel_for is a loop on one thread unless the compiler that includes it has OpenMP and links the
// runtime that LibTorch uses; Swift's clang has none. LibTorch brings a runtime with GNU's entry points
// (libgomp, or LLVM's, which has them too): they are called by name. Without them one thread does it all.
#pragma once

#include <ATen/Parallel.h>
#include <algorithm>
#include <atomic>
#include <exception>

extern "C" {
__attribute__((weak)) void GOMP_parallel(void (*body)(void *), void *data, unsigned threads,
                                         unsigned flags);
__attribute__((weak)) int omp_get_thread_num();
__attribute__((weak)) int omp_get_num_threads();
}

template <typename Body> struct ParallelLoop {
  int64_t begin, end, grain;
  const Body &body;
  std::atomic_flag hasFailed = ATOMIC_FLAG_INIT;
  std::exception_ptr failure;

  // The share of the thread that calls it.
  void runShare() noexcept {
    int64_t most = (end - begin + grain - 1) / grain;
    int64_t threads = std::min<int64_t>(omp_get_num_threads(), most);
    int64_t share = (end - begin + threads - 1) / threads;
    int64_t from = begin + omp_get_thread_num() * share;
    if (from >= end) return;
    try {
      c10::ParallelGuard isInside(true);
      body(from, std::min(end, from + share));
    } catch (...) {
      if (!hasFailed.test_and_set()) failure = std::current_exception();
    }
  }

  static void run(void *loop) { static_cast<ParallelLoop *>(loop)->runShare(); }
};

// Calls body(from, to) for parts of begin..<end of at least `grain`; an exception of any part comes out.
template <typename Body>
void parallelFor(int64_t begin, int64_t end, int64_t grain, const Body &body) {
  if (begin >= end) return;
  int threads = at::get_num_threads();
  bool isAlone = end - begin <= grain || threads < 2 || at::in_parallel_region();
  if (isAlone || !GOMP_parallel || !omp_get_thread_num || !omp_get_num_threads)
    return body(begin, end);
  ParallelLoop<Body> loop{begin, end, std::max<int64_t>(grain, 1), body};
  GOMP_parallel(&ParallelLoop<Body>::run, &loop, threads, 0);
  if (loop.failure) std::rethrow_exception(loop.failure);
}

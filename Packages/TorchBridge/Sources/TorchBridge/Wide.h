// Loops over rows of floats: sixteen lanes at a time, compiled for several processors in one program.
#pragma once

#include <cstdint>
#include <cstring>

// The widest version that the processor has is taken when the library is loaded.
#if defined(__x86_64__) && defined(__linux__)
#define WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WIDE
#endif
#define INLINE inline __attribute__((always_inline))

constexpr int64_t laneCount = 16;
typedef float Lanes __attribute__((vector_size(laneCount * sizeof(float)), aligned(sizeof(float))));

INLINE const Lanes &lanes(const float *values) { return *reinterpret_cast<const Lanes *>(values); }
INLINE Lanes &lanes(float *values) { return *reinterpret_cast<Lanes *>(values); }

// Always added up in the same order, whatever the processor.
INLINE float total(const Lanes &sums) {
  float result = 0;
  for (int64_t lane = 0; lane < laneCount; ++lane) result += sums[lane];
  return result;
}

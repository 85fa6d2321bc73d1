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

typedef int32_t Integers __attribute__((vector_size(laneCount * sizeof(int32_t))));

// eˣ as 2ⁿ · e^r with |r| ≤ ln 2 / 2, Cephes' polynomial; wrong by 1e-7 of itself. Below -87 it is 0, and
// above 88 what it is there.
INLINE void exponential(Lanes &x) {
  Integers isSmall = x < -87;
  x = x < -87 ? Lanes{} - 87 : x;
  x = x > 88 ? Lanes{} + 88 : x;
  constexpr float roundsHere = 12582912; // 1.5 · 2²³: adding it leaves no binary places
  Lanes n = (x * 1.44269504f + roundsHere) - roundsHere;
  Lanes r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  Lanes p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  Integers bits = (__builtin_convertvector(n, Integers) + 127) << 23;
  x = (p * r * r + r + 1) * reinterpret_cast<Lanes &>(bits);
  x = isSmall ? Lanes{} : x;
}

// Always added up in the same order, whatever the processor.
INLINE float total(const Lanes &sums) {
  float result = 0;
  for (int64_t lane = 0; lane < laneCount; ++lane) result += sums[lane];
  return result;
}

// Σ a b
INLINE float innerProduct(const float *a, const float *b, int64_t count) {
  Lanes sums = {};
  int64_t i = 0;
  for (; i + laneCount <= count; i += laneCount) sums += lanes(a + i) * lanes(b + i);
  float rest = 0;
  for (; i < count; ++i) rest += a[i] * b[i];
  return total(sums) + rest;
}

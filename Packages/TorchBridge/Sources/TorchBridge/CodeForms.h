// How sixteen numbers become codes of each form, and what that needs: for loops over a matrix on the CPU.
#pragma once

#include "WeightCoding.h"
#include "Wide.h"
#include <algorithm>
#include <cmath>

typedef uint8_t Bytes __attribute__((vector_size(laneCount), aligned(1)));
typedef int32_t Bits __attribute__((vector_size(laneCount * 4), aligned(4)));
typedef uint16_t Halves __attribute__((vector_size(laneCount * 2), aligned(2)));

// Adding it and taking it away again leaves the nearest whole number, ties to even.
constexpr float roundsHere = 12582912; // 1.5 · 2²³

// Vectors go by reference: how they are passed by value depends on the processor.
INLINE const Bits &bitsOf(const Lanes &values) { return reinterpret_cast<const Bits &>(values); }
INLINE const Lanes &numbersOf(const Integers &bits) { return reinterpret_cast<const Lanes &>(bits); }

INLINE void sixteen(const float *x, Lanes &result) { result = lanes(x); }

// bfloat16 is the upper half of float32.
INLINE void sixteen(const uint16_t *x, Lanes &result) {
  auto &halves = *reinterpret_cast<const Halves *>(x);
  Integers bits = __builtin_convertvector(halves, Integers) << 16;
  result = numbersOf(bits);
}

// The next elements of `count`; zeros behind the last.
template <typename T> INLINE void take(const T *x, int64_t count, Lanes &result) {
  if (count >= laneCount) return sixteen(x, result);
  T rest[laneCount] = {};
  if (count > 0) std::memcpy(rest, x, count * sizeof(T));
  sixteen(rest, result);
}

INLINE void put(uint8_t *target, const Integers &codes, int64_t count) {
  auto bytes = __builtin_convertvector(codes, Bytes);
  if (count >= laneCount)
    std::memcpy(target, &bytes, laneCount);
  else
    std::memcpy(target, &bytes, count);
}

// As whole numbers magnitudes have the same order, with NaN above all: like ATen's, the largest is then NaN.
template <typename T> INLINE float largestMagnitude(const T *x, int64_t count) {
  Integers most = {};
  for (int64_t i = 0; i < count; i += laneCount) {
    Lanes values;
    take(x + i, count - i, values);
    Integers bits = bitsOf(values) & INT32_MAX;
    most = bits > most ? bits : most;
  }
  int32_t largest = 0;
  for (int64_t lane = 0; lane < laneCount; ++lane) largest = std::max(largest, most[lane]);
  float magnitude;
  std::memcpy(&magnitude, &largest, sizeof(magnitude));
  return magnitude;
}

// A unit of zeros gets the scale 1: nothing is divided by zero.
INLINE float nonZero(float scale) { return scale == 0 ? 1 : scale; }

// -- Rows -----------------------------------------------------------------------------------------

// float8_e4m3fn: 4 bits of exponent from 2⁻⁶ on, 3 of mantissa, the nearest, ties to even; no infinity.
struct Float8 {
  static constexpr float limit = float8Limit;

  static INLINE void code(const Lanes &level, Integers &codes) {
    Integers bits = bitsOf(level);
    Integers sign = (bits >> 24) & 0x80;
    bits &= INT32_MAX;
    // Below 2⁻⁶ steps are 2⁻⁹ wide, like those of float32 from 2¹⁴ on.
    Lanes moved = numbersOf(bits) + 16384.0f;
    Integers small = bitsOf(moved) - (141 << 23);
    Integers odd = (bits >> 20) & 1;
    Integers large = (bits + odd + 0x7FFFF - (120 << 23)) >> 20;
    codes = bits < (121 << 23) ? small : large;
    codes = (bits < (1087 << 20) ? codes : Integers{} + 0x7F) | sign;
  }
};

struct Int8 {
  static constexpr float limit = int8Limit;

  static INLINE void code(const Lanes &level, Integers &codes) {
    Lanes whole = (level + roundsHere) - roundsHere;
    whole = whole < -limit ? Lanes{} - limit : whole;
    whole = whole > limit ? Lanes{} + limit : whole;
    codes = __builtin_convertvector(whole, Integers);
  }
};

// Where the results of a matrix go.
struct Job {
  tb_weight_form form;
  bool isHalf; // bfloat16, else float32
  const void *matrix;
  int64_t elements, unit;
  uint8_t *codes, *zero;
  void *scale;
};

// -- Groups ---------------------------------------------------------------------------------------

constexpr int64_t partCount = groupSize / laneCount;

// Pairs of neighbours as a byte, the first in its upper half.
INLINE void putPairs(uint8_t *target, const Integers *codes) {
  for (int64_t i = 0; i < partCount; i += 2) {
    Integers a = codes[i], b = codes[i + 1];
    Integers first =
        __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    Integers second =
        __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    put(target + i * laneCount / 2, first << 4 | second, laneCount);
  }
}

INLINE uint16_t upperHalf(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof(bits));
  return static_cast<uint16_t>(bits >> 16);
}

// The nearest number of bfloat16, ties to even.
INLINE float roundedToHalf(float x) {
  if (std::isnan(x)) return x;
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof(bits));
  bits = (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000;
  std::memcpy(&x, &bits, sizeof(x));
  return x;
}

struct Int4 {
  // Codes are chosen for the scale as it is kept, so that its rounding adds no error of its own.
  static INLINE void code(const Job &job, const Lanes *parts, int64_t group) {
    float low = 0, high = 0;
    bounds(parts, low, high);
    float scale = nonZero(roundedToHalf((high - low) / 15));
    static_cast<uint16_t *>(job.scale)[group] = upperHalf(scale);
    float zero = std::nearbyint(-low / scale);
    zero = zero < 0 ? 0 : zero > 15 ? 15 : zero;
    job.zero[group] = std::isnan(zero) ? 0 : static_cast<uint8_t>(zero);
    Integers codes[partCount];
    for (int64_t i = 0; i < partCount; ++i) {
      Lanes level = (parts[i] / scale + roundsHere) - roundsHere + zero;
      level = level < 0 ? Lanes{} : level;
      level = level > 15 ? Lanes{} + 15 : level;
      codes[i] = __builtin_convertvector(level == level ? level : Lanes{}, Integers);
    }
    putPairs(job.codes + group * groupSize / 2, codes);
  }

  // From 0 down and up; NaN where a part has one.
  static INLINE void bounds(const Lanes *parts, float &low, float &high) {
    Lanes least = {}, most = {}, faults = {};
    for (int64_t i = 0; i < partCount; ++i) {
      least = parts[i] < least ? parts[i] : least;
      most = parts[i] > most ? parts[i] : most;
      faults = parts[i] == parts[i] ? faults : parts[i];
    }
    float fault = total(faults);
    for (int64_t lane = 0; lane < laneCount; ++lane) {
      low = std::min(low, least[lane]);
      high = std::max(high, most[lane]);
    }
    if (std::isnan(fault)) low = high = fault;
  }
};

struct NF4 {
  static INLINE void code(const Job &job, const Lanes *parts, int64_t group) {
    float elements[groupSize];
    std::memcpy(elements, parts, sizeof(elements));
    float scale = nonZero(largestMagnitude(elements, groupSize));
    static_cast<float *>(job.scale)[group] = scale;
    Integers codes[partCount] = {};
    for (int64_t i = 0; i < partCount; ++i) {
      Lanes level = parts[i] / scale;
      // The number of borders below; NaN lies above all.
      for (int border = 0; border < 15; ++border)
        codes[i] += ((normalQuantiles[border] + normalQuantiles[border + 1]) / 2 >= level) + 1;
    }
    putPairs(job.codes + group * groupSize / 2, codes);
  }
};

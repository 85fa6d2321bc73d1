// Products of a matrix W with few rows A, W read once as it lies. A general product packs all of W first, which
// for 32 rows costs more than the arithmetic.
#pragma once

#include "Guard.h"

constexpr int64_t thinLanes = 16; // rows of A at a time
constexpr int64_t thinRows = 4;   // rows of W at a time
constexpr int64_t thinMost = 256; // rows of A; more are no thin product

struct ThinRows {
  at::Tensor packed; // A as [groups, in, lanes], zeros behind its last row
  int64_t rank, inputs, groups;

  // A is [r, in], float32.
  explicit ThinRows(const at::Tensor &a);

  // Rows of products of one row of W.
  int64_t width() const { return groups * thinLanes; }

  // Products of `count` rows of W, `thinRows` or 1, with all of A: [count, width].
  void products(const float *weight, int64_t count, float *result) const;

  static bool suits(const at::Tensor &weight, const at::Tensor &a) {
    return isPlainFloat(weight) && a.device().is_cpu() && a.scalar_type() == at::kFloat
           && a.size(0) <= thinMost;
  }
};

// y = x ∘ factor + bias for rows of x [T, C], and its way back.
#pragma once

#include "Guard.h"
#include "Parallel.h"

// One pass each way, with the factor in float32 whatever the type of x: a magnitude moves in steps
// that bfloat16 cannot tell from 1.
inline at::Tensor scaledInto(at::Tensor out, const at::Tensor &x, const at::Tensor &factor,
                      const std::optional<at::Tensor> &bias) {
  if (bias) return at::addcmul_out(out, *bias, x, factor);
  return at::mul_out(out, x, factor);
}

struct RowGradients {
  at::Tensor toX, toFactor;
};

// g · factor and the sums of g · x over all rows, [T, C] each: of ATen's operations.
inline RowGradients plainRowGradients(const at::Tensor &g, const at::Tensor &x, const at::Tensor &factor) {
  return {scaledInto(at::empty_like(g), g, factor, std::nullopt),
          at::sum(g * x, {0}, false, factor.scalar_type())};
}

// The same in one pass over both. Few rows are added up in float32 before they join the rest.
inline RowGradients rowGradientsInOnePass(const at::Tensor &g, const at::Tensor &x,
                                          const at::Tensor &factor) {
  constexpr int64_t few = 32;
  int64_t rows = g.size(0), columns = g.size(1), groups = (rows + few - 1) / few;
  auto toX = at::empty_like(g), sums = at::zeros({groups, columns}, g.options());
  const float *__restrict from = g.const_data_ptr<float>();
  const float *__restrict values = x.const_data_ptr<float>();
  const float *__restrict scale = factor.const_data_ptr<float>();
  float *__restrict to = toX.mutable_data_ptr<float>();
  float *sum = sums.mutable_data_ptr<float>();
  parallelFor(0, groups, 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin * few; row < std::min(rows, end * few); ++row) {
      float *__restrict own = sum + row / few * columns;
      auto at = row * columns;
      for (int64_t column = 0; column < columns; ++column) {
        own[column] += from[at + column] * values[at + column];
        to[at + column] = from[at + column] * scale[column];
      }
    }
  });
  return {toX, sums.sum(0)};
}

inline RowGradients rowGradients(const at::Tensor &g, const at::Tensor &x,
                                 const at::Tensor &factor) {
  bool isPlain = isPlainFloat(g) && isPlainFloat(x) && isPlainFloat(factor);
  return isPlain ? rowGradientsInOnePass(g, x, factor) : plainRowGradients(g, x, factor);
}

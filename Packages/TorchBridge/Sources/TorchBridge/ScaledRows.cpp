#include "ScaledRows.h"

#include "Parallel.h"
#include "Wide.h"

namespace {
constexpr int64_t rowsAtOnce = 32;               // are added up before they join the rest
constexpr int64_t columnsAtOnce = 4 * laneCount; // whose sums stay in registers

at::Tensor scaledInto(at::Tensor out, const at::Tensor &x, const at::Tensor &factor,
                      const std::optional<at::Tensor> &bias) {
  if (bias) return at::addcmul_out(out, *bias, x, factor);
  return at::mul_out(out, x, factor);
}

WIDE void scale(const float *x, const float *factor, const float *bias, float *y, int64_t rows,
                int64_t columns) {
  for (int64_t row = 0; row < rows; ++row, x += columns, y += columns) {
    int64_t i = 0;
    for (; i + laneCount <= columns; i += laneCount)
      lanes(y + i) = lanes(x + i) * lanes(factor + i) + lanes(bias + i);
    for (; i < columns; ++i) y[i] = x[i] * factor[i] + bias[i];
  }
}

struct Back {
  const float *g, *x, *factor;
  float *toX, *sums; // [T, C], [groups, C]
  int64_t rows, columns;
};

// Some rows of a block of columns: a whole number of vectors.
template <int64_t count> INLINE void backward(const Back &of, int64_t begin, int64_t end, int64_t column,
                                              float *sums) {
  Lanes total[count] = {}, factor[count];
  for (int64_t i = 0; i < count; ++i) factor[i] = lanes(of.factor + column + i * laneCount);
  for (int64_t row = begin; row < end; ++row) {
    int64_t first = row * of.columns + column;
    for (int64_t i = 0; i < count; ++i) {
      Lanes g = lanes(of.g + first + i * laneCount);
      total[i] += g * lanes(of.x + first + i * laneCount);
      lanes(of.toX + first + i * laneCount) = g * factor[i];
    }
  }
  for (int64_t i = 0; i < count; ++i) lanes(sums + column + i * laneCount) = total[i];
}

WIDE void backward(const Back &of, int64_t group) {
  int64_t begin = group * rowsAtOnce, end = std::min(of.rows, begin + rowsAtOnce), column = 0;
  float *sums = of.sums + group * of.columns;
  for (; column + columnsAtOnce <= of.columns; column += columnsAtOnce)
    backward<4>(of, begin, end, column, sums);
  for (; column + laneCount <= of.columns; column += laneCount)
    backward<1>(of, begin, end, column, sums);
  for (; column < of.columns; ++column) {
    sums[column] = 0;
    for (int64_t row = begin; row < end; ++row) {
      int64_t at = row * of.columns + column;
      sums[column] += of.g[at] * of.x[at];
      of.toX[at] = of.g[at] * of.factor[column];
    }
  }
}

bool isPlain(const at::Tensor &x, const at::Tensor &factor) {
  return isPlainFloat(x) && isPlainFloat(factor);
}

} // namespace

at::Tensor scaledRows(const at::Tensor &x, const at::Tensor &factor,
                      const std::optional<at::Tensor> &bias) {
  auto y = at::empty_like(x);
  if (!isPlain(x, factor)) return scaledInto(y, x, factor, bias);
  int64_t columns = x.size(1);
  auto added = bias ? bias->to(at::kFloat).contiguous() : at::zeros_like(factor);
  auto *from = x.const_data_ptr<float>(), *f = factor.const_data_ptr<float>();
  auto *b = added.const_data_ptr<float>();
  auto *to = y.mutable_data_ptr<float>();
  parallelFor(0, x.size(0), rowsAtOnce, [&](int64_t begin, int64_t end) {
    scale(from + begin * columns, f, b, to + begin * columns, end - begin, columns);
  });
  return y;
}

RowGradients rowGradients(const at::Tensor &g, const at::Tensor &x, const at::Tensor &factor) {
  if (!isPlain(x, factor) || !isPlainFloat(g))
    return {scaledInto(at::empty_like(g), g, factor, std::nullopt),
            at::sum(g * x, {0}, false, factor.scalar_type())};
  int64_t groups = (g.size(0) + rowsAtOnce - 1) / rowsAtOnce;
  auto toX = at::empty_like(g), sums = at::empty({groups, g.size(1)}, g.options());
  Back of{g.const_data_ptr<float>(), x.const_data_ptr<float>(), factor.const_data_ptr<float>(),
          toX.mutable_data_ptr<float>(), sums.mutable_data_ptr<float>(), g.size(0), g.size(1)};
  parallelFor(0, groups, 1, [&](int64_t begin, int64_t end) {
    for (int64_t group = begin; group < end; ++group) backward(of, group);
  });
  return {toX, sums.sum(0)};
}

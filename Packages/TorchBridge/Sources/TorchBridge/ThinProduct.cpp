#include "ThinProduct.h"

#include "Wide.h"

static_assert(thinLanes == laneCount);

namespace {
// Products of `count` rows of W with one group of A's rows; `packed` is [in, lanes].
template <int64_t count> INLINE void groupProduct(const float *weight, int64_t inputs,
                                                  const float *packed, float *result, int64_t width) {
  Lanes sums[count] = {};
  for (int64_t k = 0; k < inputs; ++k) {
    Lanes a = lanes(packed + k * laneCount);
    for (int64_t row = 0; row < count; ++row) sums[row] += weight[row * inputs + k] * a;
  }
  for (int64_t row = 0; row < count; ++row) lanes(result + row * width) = sums[row];
}

WIDE void groupProducts(const float *weight, int64_t count, int64_t inputs, const float *packed,
                        int64_t groups, float *result) {
  int64_t width = groups * laneCount;
  for (int64_t group = 0; group < groups; ++group) {
    auto *of = packed + group * inputs * laneCount;
    auto *to = result + group * laneCount;
    if (count == thinRows) groupProduct<thinRows>(weight, inputs, of, to, width);
    else groupProduct<1>(weight, inputs, of, to, width);
  }
}
} // namespace

ThinRows::ThinRows(const at::Tensor &a)
    : rank(a.size(0)), inputs(a.size(1)), groups((rank + laneCount - 1) / laneCount) {
  auto padded = rank == width() ? a : at::constant_pad_nd(a, {0, 0, 0, width() - rank});
  packed = padded.view({groups, laneCount, inputs}).transpose(1, 2).contiguous();
}

void ThinRows::products(const float *weight, int64_t count, float *result) const {
  groupProducts(weight, count, inputs, packed.const_data_ptr<float>(), groups, result);
}

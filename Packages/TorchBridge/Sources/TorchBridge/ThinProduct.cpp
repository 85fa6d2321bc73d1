// W Aᵀ for a matrix A of few rows: W is read once, as it lies. A general product packs all of W first,
// which for 32 rows costs more than the arithmetic.
#include "Guard.h"

#include "Parallel.h"
#include <algorithm>
#include <c10/core/GradMode.h>
#include <cstring>

namespace {
constexpr int64_t lanes = 16; // rows of A at a time
constexpr int64_t few = 4;    // rows of W at a time
constexpr int64_t most = 256; // rows of A; more are no thin product

typedef float Lane __attribute__((vector_size(lanes * sizeof(float)), aligned(sizeof(float))));

// Products of `count` rows of W with one group of lanes; `packed` is [in, lanes].
template <int64_t count>
inline __attribute__((always_inline)) void groupProduct(const float *weight, int64_t inputs,
                                                        const float *packed, Lane *result) {
  Lane sums[count] = {};
  for (int64_t k = 0; k < inputs; ++k) {
    Lane a = *reinterpret_cast<const Lane *>(packed + k * lanes);
    for (int64_t row = 0; row < count; ++row) sums[row] += weight[row * inputs + k] * a;
  }
  for (int64_t row = 0; row < count; ++row) result[row] = sums[row];
}

struct Thin {
  const float *weight; // [out, in]
  const float *packed; // [groups, in, lanes]
  float *out;          // [out, rank]
  int64_t inputs, rank, groups;
};

inline __attribute__((always_inline)) void store(const Thin &thin, int64_t row, int64_t group,
                                                 const Lane &sums) {
  auto count = std::min(lanes, thin.rank - group * lanes);
  std::memcpy(thin.out + row * thin.rank + group * lanes, &sums, count * sizeof(float));
}

inline __attribute__((always_inline)) void allProducts(const Thin &thin, int64_t begin,
                                                       int64_t end) {
  Lane sums[few];
  for (int64_t row = begin; row < end;) {
    int64_t count = end - row >= few ? few : 1;
    for (int64_t group = 0; group < thin.groups; ++group) {
      auto *weight = thin.weight + row * thin.inputs;
      auto *packed = thin.packed + group * thin.inputs * lanes;
      if (count == few) {
        groupProduct<few>(weight, thin.inputs, packed, sums);
      } else {
        groupProduct<1>(weight, thin.inputs, packed, sums);
      }
      for (int64_t i = 0; i < count; ++i) store(thin, row + i, group, sums[i]);
    }
    row += count;
  }
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) void wideProducts(const Thin &thin, int64_t begin,
                                                      int64_t end) {
  allProducts(thin, begin, end);
}
#endif

void products(const Thin &thin, int64_t begin, int64_t end) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return wideProducts(thin, begin, end);
#endif
  allProducts(thin, begin, end);
}

at::Tensor thinProduct(const at::Tensor &weight, const at::Tensor &a) {
  int64_t rank = a.size(0), inputs = weight.size(1), groups = (rank + lanes - 1) / lanes;
  auto padded = at::zeros({groups * lanes, inputs}, a.options());
  padded.narrow(0, 0, rank).copy_(a);
  auto packed = padded.view({groups, lanes, inputs}).transpose(1, 2).contiguous();
  auto out = at::empty({weight.size(0), rank}, weight.options());
  Thin thin{weight.const_data_ptr<float>(), packed.const_data_ptr<float>(),
            out.mutable_data_ptr<float>(), inputs, rank, groups};
  // Pieces of whole groups of rows: the result does not depend on the number of threads.
  parallelFor(0, (weight.size(0) + few - 1) / few, 16, [&](int64_t begin, int64_t end) {
    products(thin, begin * few, std::min(weight.size(0), end * few));
  });
  return out;
}
} // namespace

tb_status tb_thin_product(tb_tensor **out, const tb_tensor *weight, const tb_tensor *a) {
  return guard([&] {
    at::NoGradGuard noRecord;
    bool isThin = isPlainFloat(weight->value) && a->value.scalar_type() == at::kFloat
                  && a->value.size(0) <= most;
    *out = owned(isThin ? thinProduct(weight->value, a->value)
                        : at::linear(a->value, weight->value).t());
  });
}

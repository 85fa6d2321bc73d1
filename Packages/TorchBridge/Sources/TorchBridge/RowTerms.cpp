// Lengths of the rows of a matrix with a low-rank update, which is never made.
#include "Guard.h"

#include "Parallel.h"
#include <c10/core/GradMode.h>
#include <cmath>

namespace {
struct Rows {
  at::Tensor images, b, inner, squares; // [out, r], [out, r], [out, r], [out]
  double scale, least;
};

// Of ATen's operations, for any device.
at::Tensor plainTerms(const Rows &rows) {
  auto products = (rows.b * rows.images).sum(1) * rows.scale;
  auto updates = (rows.b * rows.inner).sum(1) * (rows.scale * rows.scale);
  auto squares = (rows.squares + products * 2 + updates).clamp_min(rows.least * rows.least);
  return at::stack({products, updates, squares.sqrt()});
}

// The same without a dozen small operations, which for narrow layers cost more than the sums.
at::Tensor termsInOnePass(const Rows &rows) {
  int64_t count = rows.b.size(0), rank = rows.b.size(1);
  auto terms = at::empty({3, count}, rows.b.options());
  auto *image = rows.images.const_data_ptr<float>(), *b = rows.b.const_data_ptr<float>();
  auto *inner = rows.inner.const_data_ptr<float>(), *square = rows.squares.const_data_ptr<float>();
  auto *out = terms.mutable_data_ptr<float>();
  parallelFor(0, count, 1024, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      double product = 0, update = 0;
      for (int64_t k = 0; k < rank; ++k) {
        product += double(b[row * rank + k]) * image[row * rank + k];
        update += double(b[row * rank + k]) * inner[row * rank + k];
      }
      product *= rows.scale;
      update *= rows.scale * rows.scale;
      double length = std::sqrt(std::fmax(square[row] + 2 * product + update,
                                          rows.least * rows.least));
      out[row] = product, out[count + row] = update, out[2 * count + row] = length;
    }
  });
  return terms;
}
} // namespace

tb_status tb_row_terms(tb_tensor **out, const tb_tensor *images, const tb_tensor *a,
                       const tb_tensor *b, const tb_tensor *squares, double scale, double least) {
  return guard([&] {
    at::NoGradGuard noRecord;
    auto gram = a->value.mm(a->value.t());
    Rows rows{images->value, b->value, b->value.mm(gram), squares->value, scale, least};
    bool isSimple = isPlainFloat(rows.images) && isPlainFloat(rows.b) && isPlainFloat(rows.inner)
                    && isPlainFloat(rows.squares);
    *out = owned(isSimple ? termsInOnePass(rows) : plainTerms(rows));
  });
}

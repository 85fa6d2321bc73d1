// Lengths of the rows of a matrix with a low-rank update, which is never made.
#include "Parallel.h"
#include "ThinProduct.h"
#include "Wide.h"
#include <c10/core/GradMode.h>
#include <cmath>

namespace {
struct Update {
  at::Tensor a, b, squares; // [r, in], [out, r], [out]
  double scale, least;
};

// Of ATen's operations, for any device and any kind of matrix; images is W aᵀ, [out, r].
at::Tensor termsOfImages(const Update &of, const at::Tensor &images) {
  auto inner = of.b.mm(of.a.mm(of.a.t()));
  auto products = (of.b * images).sum(1) * of.scale;
  auto updates = (of.b * inner).sum(1) * (of.scale * of.scale);
  auto squares = (of.squares + products * 2 + updates).clamp_min(of.least * of.least);
  return at::stack({products, updates, squares.sqrt()});
}

// Σ b ∘ image and Σ b ∘ (b · gram), gram [rank, width] with zeros behind its columns, like image.
struct Sums {
  float product, update;
};

WIDE Sums sums(const float *b, const float *image, const float *gram, int64_t rank, int64_t width) {
  Lanes product = {}, update = {};
  float padded[thinMost] = {};
  std::memcpy(padded, b, rank * sizeof(float));
  for (int64_t i = 0; i < width; i += laneCount) {
    Lanes inner = {}, own = lanes(padded + i);
    for (int64_t k = 0; k < rank; ++k) inner += b[k] * lanes(gram + k * width + i);
    product += own * lanes(image + i);
    update += own * inner;
  }
  return {total(product), total(update)};
}

// Of a plain matrix: images are used where they are made, and a dozen small operations do not happen, which
// for narrow layers cost more than the sums.
at::Tensor termsInOnePass(const Update &of, const at::Tensor &weight) {
  ThinRows a(of.a);
  int64_t count = weight.size(0), width = a.width();
  std::vector<float> gram(a.rank * width);
  for (int64_t k = 0; k < a.rank; ++k)
    a.products(of.a.const_data_ptr<float>() + k * a.inputs, 1, gram.data() + k * width);
  auto terms = at::empty({3, count}, of.b.options());
  auto *w = weight.const_data_ptr<float>(), *b = of.b.const_data_ptr<float>();
  auto *squares = of.squares.const_data_ptr<float>();
  auto *out = terms.mutable_data_ptr<float>();
  parallelFor(0, (count + thinRows - 1) / thinRows, 16, [&](int64_t begin, int64_t end) {
    float images[thinRows * thinMost];
    for (int64_t row = begin * thinRows; row < std::min(count, end * thinRows);) {
      int64_t few = count - row >= thinRows ? thinRows : 1;
      a.products(w + row * a.inputs, few, images);
      for (int64_t i = 0; i < few; ++i, ++row) {
        auto found = sums(b + row * a.rank, images + i * width, gram.data(), a.rank, width);
        double product = found.product * of.scale, update = found.update * of.scale * of.scale;
        double square = std::fmax(squares[row] + 2 * product + update, of.least * of.least);
        out[row] = product, out[count + row] = update, out[2 * count + row] = std::sqrt(square);
      }
    }
  });
  return terms;
}

bool suits(const Update &of) {
  return isPlainFloat(of.a) && isPlainFloat(of.b) && isPlainFloat(of.squares);
}
} // namespace

tb_status tb_row_terms(tb_tensor **out, const tb_tensor *images, const tb_tensor *a,
                       const tb_tensor *b, const tb_tensor *squares, double scale, double least) {
  return guard([&] {
    at::NoGradGuard noRecord;
    Update update{a->value, b->value, squares->value, scale, least};
    *out = owned(termsOfImages(update, images->value));
  });
}

tb_status tb_dense_row_terms(tb_tensor **out, const tb_tensor *weight, const tb_tensor *a,
                             const tb_tensor *b, const tb_tensor *squares, double scale,
                             double least) {
  return guard([&] {
    at::NoGradGuard noRecord;
    Update update{a->value, b->value, squares->value, scale, least};
    const auto &matrix = weight->value;
    bool isPlain = suits(update) && ThinRows::suits(matrix, a->value);
    auto images = [&] {
      return at::linear(a->value.to(matrix.options()), matrix).t().to(b->value.options());
    };
    *out = owned(isPlain ? termsInOnePass(update, matrix) : termsOfImages(update, images()));
  });
}

// RMS norm with shift and scale in one pass each way.
#include "Guard.h"

#include "Parallel.h"
#include "Wide.h"
#include <cmath>
#include <torch/csrc/autograd/custom_function.h>

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

struct Rows {
  int64_t count, width, perItem; // perItem: tokens that share a row where there is no index
  const int64_t *index;          // row of each token; may be null
  int64_t row(int64_t token) const { return index ? index[token] : token / perItem; }
};

INLINE float meanProduct(const float *a, const float *b, const float *factor, int64_t width) {
  Lanes sums = {};
  int64_t c = 0;
  for (; c + laneCount <= width; c += laneCount)
    sums += lanes(a + c) * lanes(b + c) * (lanes(factor + c) + 1);
  float rest = 0;
  for (; c < width; ++c) rest += a[c] * b[c] * (factor[c] + 1);
  return (total(sums) + rest) / width;
}

// y = x / rms(x) · (1 + scale) + shift
WIDE void modulate(const float *x, const float *shift, const float *scale, float *y,
                   float *inverse, int64_t width, double epsilon) {
  float r = 1 / std::sqrt(innerProduct(x, x, width) / width + static_cast<float>(epsilon));
  *inverse = r;
  for (int64_t c = 0; c < width; ++c) y[c] = x[c] * r * (1 + scale[c]) + shift[c];
}

// dx = r · (g' − x r² · mean(g' x)) with g' = g · (1 + scale)
WIDE void modulateBack(const float *x, const float *scale, const float *g, float inverse,
                       float *dx, int64_t width) {
  float r = inverse, pull = r * r * meanProduct(g, x, scale, width);
  for (int64_t c = 0; c < width; ++c) dx[c] = r * (g[c] * (1 + scale[c]) - x[c] * pull);
}

constexpr int64_t tokensAtOnce = 16;

struct ModulatedNorm : Function<ModulatedNorm> {
  static Rows rows(const at::Tensor &x, const at::Tensor &scale,
                   const std::optional<at::Tensor> &index) {
    int64_t width = x.size(-1), count = x.numel() / width;
    return {count, width, std::max<int64_t>(1, count / scale.size(0)),
            index ? index->const_data_ptr<int64_t>() : nullptr};
  }

  static at::Tensor forward(AutogradContext *context, const at::Tensor &x, const at::Tensor &shift,
                            const at::Tensor &scale, const std::optional<at::Tensor> &index,
                            double epsilon) {
    auto y = at::empty_like(x), inverse = at::empty({x.numel() / x.size(-1)}, x.options());
    Rows rows = ModulatedNorm::rows(x, scale, index);
    auto *from = x.const_data_ptr<float>(), *shifts = shift.const_data_ptr<float>();
    auto *scales = scale.const_data_ptr<float>();
    auto *to = y.mutable_data_ptr<float>(), *inverses = inverse.mutable_data_ptr<float>();
    parallelFor(0, rows.count, tokensAtOnce, [&](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; ++t) {
        auto row = rows.row(t) * rows.width, at = t * rows.width;
        modulate(from + at, shifts + row, scales + row, to + at, inverses + t, rows.width, epsilon);
      }
    });
    context->save_for_backward({x, scale, inverse});
    context->saved_data["index"] = index;
    return y;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    const auto &x = saved[0], &scale = saved[1];
    auto index = context->saved_data["index"].toOptional<at::Tensor>();
    auto gradient = gradients[0].contiguous(), dx = at::empty_like(x);
    Rows rows = ModulatedNorm::rows(x, scale, index);
    auto *from = x.const_data_ptr<float>(), *g = gradient.const_data_ptr<float>();
    auto *scales = scale.const_data_ptr<float>(), *inverses = saved[2].const_data_ptr<float>();
    auto *to = dx.mutable_data_ptr<float>();
    parallelFor(0, rows.count, tokensAtOnce, [&](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; ++t) {
        auto row = rows.row(t) * rows.width, at = t * rows.width;
        modulateBack(from + at, scales + row, g + at, inverses[t], to + at, rows.width);
      }
    });
    at::Tensor toShift, toScale;
    if (context->needs_input_grad(1)) toShift = perRow(gradient, scale, index);
    if (context->needs_input_grad(2)) {
      auto normed = x * saved[2].view({x.size(0), x.size(1), 1});
      toScale = perRow(gradient * normed, scale, index);
    }
    return {dx, toShift, toScale, {}, {}};
  }

  // Sums over the tokens that share a row; [U, D] of [B, T, D]. Only where the rows themselves are trained.
  static at::Tensor perRow(const at::Tensor &x, const at::Tensor &rows,
                           const std::optional<at::Tensor> &index) {
    if (index) return at::zeros_like(rows).index_add_(0, *index, x.view({-1, x.size(-1)}));
    return x.view({rows.size(0), -1, x.size(-1)}).sum(1);
  }
};

// Rows per noise level spread over the tokens: [B, T, D], or [B, 1, D] where an item has one level.
at::Tensor spread(const at::Tensor &rows, const std::optional<at::Tensor> &index,
                  const at::Tensor &x) {
  if (!index) return rows.unsqueeze(1);
  return rows.index_select(0, *index).view({x.size(0), -1, x.size(-1)});
}

// Of ATen's operations: any device and type.
at::Tensor composed(const at::Tensor &x, const at::Tensor &shift, const at::Tensor &scale,
                    const std::optional<at::Tensor> &index, double epsilon) {
  auto normed = at::rms_norm(x, {x.size(-1)}, {}, epsilon);
  return at::addcmul(spread(shift, index, x), normed, spread(scale, index, x) + 1);
}
} // namespace

tb_status tb_modulated_norm(tb_tensor **out, const tb_tensor *x, const tb_tensor *shift,
                            const tb_tensor *scale, const tb_tensor *index, double epsilon) {
  return guard([&] {
    auto places = optional(index);
    // Whether gradients are recorded may not matter: a second pass has to make the values of the first.
    bool isFused = isPlainFloat(x->value) && isPlainFloat(shift->value)
                   && isPlainFloat(scale->value);
    *out = owned(isFused ? ModulatedNorm::apply(x->value, shift->value, scale->value, places, epsilon)
                         : composed(x->value, shift->value, scale->value, places, epsilon));
  });
}

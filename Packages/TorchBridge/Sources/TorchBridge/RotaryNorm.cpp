// What queries and keys go through between their product and attention: RMS norm over all heads,
// weight, and rotation by position, in one pass each way.
#include "Guard.h"

#include "Parallel.h"
#include "Wide.h"
#include <cmath>
#include <torch/csrc/autograd/custom_function.h>

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// Axes: B batch, T tokens, H heads, r half a head's width.
struct Sizes {
  int64_t tokens, heads, half;
  int64_t width() const { return 2 * heads * half; }
};

struct Turn {
  const float *cosines, *sines; // [H, T, r]; null for none
};

typedef std::optional<at::Tensor> Angles;

WIDE void rotateNormed(const float *x, const float *weight, Turn turn, float *y, float *inverse,
                       Sizes sizes, int64_t token, float epsilon) {
  float r = 1 / std::sqrt(innerProduct(x, x, sizes.width()) / sizes.width() + epsilon);
  *inverse = r;
  if (!turn.cosines) {
    for (int64_t c = 0; c < sizes.width(); ++c) y[c] = x[c] * r * weight[c];
    return;
  }
  for (int64_t head = 0; head < sizes.heads; ++head) {
    auto at = 2 * head * sizes.half, angle = (head * sizes.tokens + token) * sizes.half;
    const float *__restrict first = x + at, *__restrict second = first + sizes.half;
    const float *__restrict own = weight + at, *__restrict other = own + sizes.half;
    const float *__restrict cosines = turn.cosines + angle, *__restrict sines = turn.sines + angle;
    float *__restrict to = y + at, *__restrict behind = to + sizes.half;
    for (int64_t j = 0; j < sizes.half; ++j) {
      float a = first[j] * r * own[j], b = second[j] * r * other[j];
      to[j] = a * cosines[j] - b * sines[j];
      behind[j] = b * cosines[j] + a * sines[j];
    }
  }
}

// The rotation back, times the weight, into dx; then through the norm.
WIDE void rotateNormedBack(const float *x, const float *weight, Turn turn, const float *g,
                           float inverse, float *dx, Sizes sizes, int64_t token) {
  int64_t width = sizes.width();
  if (!turn.cosines) {
    for (int64_t c = 0; c < width; ++c) dx[c] = g[c] * weight[c];
  } else {
    for (int64_t head = 0; head < sizes.heads; ++head) {
      auto at = 2 * head * sizes.half, angle = (head * sizes.tokens + token) * sizes.half;
      const float *__restrict first = g + at, *__restrict second = first + sizes.half;
      const float *__restrict own = weight + at, *__restrict other = own + sizes.half;
      const float *__restrict cosines = turn.cosines + angle, *__restrict sines = turn.sines + angle;
      float *__restrict to = dx + at, *__restrict behind = to + sizes.half;
      for (int64_t j = 0; j < sizes.half; ++j) {
        to[j] = (first[j] * cosines[j] + second[j] * sines[j]) * own[j];
        behind[j] = (second[j] * cosines[j] - first[j] * sines[j]) * other[j];
      }
    }
  }
  float r = inverse, pull = r * r * innerProduct(dx, x, width) / width;
  for (int64_t c = 0; c < width; ++c) dx[c] = r * (dx[c] - x[c] * pull);
}

constexpr int64_t tokensAtOnce = 16;

Turn turn(const Angles &cosines, const Angles &sines) {
  if (!cosines || !sines) return {nullptr, nullptr};
  return {cosines->const_data_ptr<float>(), sines->const_data_ptr<float>()};
}

// Pairs are (j, j + r); turned in float32.
at::Tensor turned(const at::Tensor &x, const at::Tensor &cosines, const at::Tensor &sines) {
  auto wide = x.to(at::kFloat);
  auto halves = wide.chunk(2, -1);
  auto all = at::cat({halves[0] * cosines - halves[1] * sines,
                      halves[1] * cosines + halves[0] * sines}, -1);
  return all.to(x.scalar_type());
}

// x [B, T, H · 2r] to [B, T, H, 2r].
struct RotaryNorm : Function<RotaryNorm> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &x, const at::Tensor &weight,
                            const Angles &cosines, const Angles &sines, int64_t heads,
                            double epsilon) {
    Sizes sizes{x.size(1), heads, x.size(2) / heads / 2};
    auto y = at::empty({x.size(0), x.size(1), heads, 2 * sizes.half}, x.options());
    auto inverse = at::empty({x.size(0) * x.size(1)}, x.options());
    auto angles = turn(cosines, sines);
    auto *from = x.const_data_ptr<float>(), *weights = weight.const_data_ptr<float>();
    auto *to = y.mutable_data_ptr<float>(), *inverses = inverse.mutable_data_ptr<float>();
    parallelFor(0, inverse.numel(), tokensAtOnce, [&](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; ++t)
        rotateNormed(from + t * sizes.width(), weights, angles, to + t * sizes.width(),
                     inverses + t, sizes, t % sizes.tokens, static_cast<float>(epsilon));
    });
    context->save_for_backward({x, weight, inverse});
    context->saved_data["cosines"] = cosines;
    context->saved_data["sines"] = sines;
    return y;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1], &inverse = saved[2];
    auto gradient = gradients[0].contiguous(), dx = at::empty_like(x);
    Sizes sizes{x.size(1), gradient.size(2), gradient.size(3) / 2};
    auto cosines = context->saved_data["cosines"].toOptional<at::Tensor>();
    auto sines = context->saved_data["sines"].toOptional<at::Tensor>();
    auto angles = turn(cosines, sines);
    auto *from = x.const_data_ptr<float>(), *weights = weight.const_data_ptr<float>();
    auto *g = gradient.const_data_ptr<float>(), *inverses = inverse.const_data_ptr<float>();
    auto *to = dx.mutable_data_ptr<float>();
    parallelFor(0, inverse.numel(), tokensAtOnce, [&](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; ++t)
        rotateNormedBack(from + t * sizes.width(), weights, angles, g + t * sizes.width(),
                         inverses[t], to + t * sizes.width(), sizes, t % sizes.tokens);
    });
    at::Tensor toWeight;
    if (context->needs_input_grad(1)) {
      auto back = cosines ? turned(gradient.transpose(1, 2), *cosines, -*sines).transpose(1, 2)
                          : gradient;
      auto normed = x * inverse.view({x.size(0), x.size(1), 1});
      toWeight = (back.reshape(x.sizes()) * normed).sum({0, 1});
    }
    return {dx, toWeight, {}, {}, {}, {}};
  }
};

// Of ATen's operations: any device and type; [B, H, T, 2r].
at::Tensor composed(const at::Tensor &x, const at::Tensor &weight, const Angles &cosines,
                    const Angles &sines, int64_t heads, double epsilon) {
  auto normed = at::rms_norm(x, {x.size(-1)}, weight, epsilon);
  auto split = normed.view({x.size(0), x.size(1), heads, -1}).transpose(1, 2);
  return cosines && sines ? turned(split, *cosines, *sines) : split;
}
} // namespace

tb_status tb_rotary_norm(tb_tensor **out, const tb_tensor *x, const tb_tensor *weight,
                         const tb_tensor *cosines, const tb_tensor *sines, int64_t heads,
                         double epsilon) {
  return guard([&] {
    auto cosine = optional(cosines), sine = optional(sines);
    bool isFused = isPlainFloat(x->value) && isPlainFloat(weight->value)
                   && (!cosine || (isPlainFloat(*cosine) && isPlainFloat(*sine)));
    *out = owned(isFused ? RotaryNorm::apply(x->value, weight->value, cosine, sine, heads, epsilon)
                               .transpose(1, 2)
                         : composed(x->value, weight->value, cosine, sine, heads, epsilon));
  });
}

// GELU in its tanh form: x · sigmoid(2 k (x + 0.044715 x³)) with k = √(2/π).
#include "Guard.h"

#include "Parallel.h"
#include "Wide.h"
#include <torch/csrc/autograd/custom_function.h>

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

constexpr float twiceK = 1.5957691216057308f, cubic = 0.044715f;

// sigmoid(2 k (x + 0.044715 x³))
INLINE void share(const Lanes &x, Lanes &s) {
  s = (x + x * x * x * cubic) * -twiceK;
  exponential(s);
  s = 1 / (s + 1);
}

WIDE void gelu(const float *x, float *y, int64_t count) {
  for (int64_t i = 0; i < count; i += laneCount) {
    Lanes s, values = lanes(x + i);
    share(values, s);
    lanes(y + i) = values * s;
  }
}

WIDE void geluBack(const float *x, const float *g, float *dx, int64_t count) {
  for (int64_t i = 0; i < count; i += laneCount) {
    Lanes s, values = lanes(x + i);
    share(values, s);
    Lanes slope = (values * values * (3 * cubic) + 1) * twiceK;
    lanes(dx + i) = lanes(g + i) * (s + values * s * (1 - s) * slope);
  }
}

// In parts of whole vectors.
template <typename Body> void forParts(int64_t count, const Body &body) {
  parallelFor(0, count / laneCount, 256, [&](int64_t begin, int64_t end) {
    body(begin * laneCount, (end - begin) * laneCount);
  });
}

struct Gelu : Function<Gelu> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &x) {
    auto y = at::empty_like(x);
    auto *from = x.const_data_ptr<float>();
    auto *to = y.mutable_data_ptr<float>();
    forParts(x.numel(), [&](int64_t begin, int64_t count) { gelu(from + begin, to + begin, count); });
    context->save_for_backward({x});
    return y;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto x = context->get_saved_variables()[0];
    auto gradient = gradients[0].contiguous(), dx = at::empty_like(x);
    auto *from = x.const_data_ptr<float>(), *g = gradient.const_data_ptr<float>();
    auto *to = dx.mutable_data_ptr<float>();
    forParts(x.numel(), [&](int64_t begin, int64_t count) {
      geluBack(from + begin, g + begin, to + begin, count);
    });
    return {dx};
  }
};
} // namespace

tb_status tb_gelu_tanh(tb_tensor **out, const tb_tensor *x) {
  return guard([&] {
    bool isFused = isPlainFloat(x->value) && x->value.numel() % laneCount == 0;
    *out = owned(isFused ? Gelu::apply(x->value) : at::gelu(x->value, "tanh"));
  });
}

// Each head's output times its gate, 2 · sigmoid(logit), while the heads are joined; one pass each way.
#include "Guard.h"

#include "Parallel.h"
#include "Wide.h"
#include <cmath>
#include <torch/csrc/autograd/custom_function.h>

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

WIDE void gateBack(const float *mixed, const float *g, float gate, float *toMixed, float *toGate,
                   int64_t width) {
  Lanes sums = {};
  int64_t c = 0;
  for (; c + laneCount <= width; c += laneCount) {
    sums += lanes(g + c) * lanes(mixed + c);
    lanes(toMixed + c) = lanes(g + c) * gate;
  }
  float rest = 0;
  for (; c < width; ++c) rest += g[c] * mixed[c], toMixed[c] = g[c] * gate;
  // The derivative of 2 s is 2 s (1 − s), with s half the gate.
  *toGate = (total(sums) + rest) * gate * (1 - gate / 2);
}

WIDE void gateHead(const float *mixed, float gate, float *out, int64_t width) {
  for (int64_t c = 0; c < width; ++c) out[c] = mixed[c] * gate;
}

constexpr int64_t rowsAtOnce = 128;

// mixed [B, T, H, d] and logits [B, T, H], both as they lie in memory.
struct HeadGate : Function<HeadGate> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &mixed,
                            const at::Tensor &logits) {
    auto gates = at::empty_like(logits), out = at::empty_like(mixed);
    int64_t width = mixed.size(-1);
    auto *from = mixed.const_data_ptr<float>(), *logit = logits.const_data_ptr<float>();
    auto *gate = gates.mutable_data_ptr<float>(), *to = out.mutable_data_ptr<float>();
    parallelFor(0, logits.numel(), rowsAtOnce, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        gate[row] = 2 / (1 + std::exp(-logit[row]));
        gateHead(from + row * width, gate[row], to + row * width, width);
      }
    });
    context->save_for_backward({mixed, gates});
    return out;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    const auto &mixed = saved[0], &gates = saved[1];
    auto gradient = gradients[0].contiguous();
    auto toMixed = at::empty_like(mixed), toLogits = at::empty_like(gates);
    int64_t width = mixed.size(-1);
    auto *from = mixed.const_data_ptr<float>(), *g = gradient.const_data_ptr<float>();
    auto *gate = gates.const_data_ptr<float>();
    auto *to = toMixed.mutable_data_ptr<float>(), *toLogit = toLogits.mutable_data_ptr<float>();
    parallelFor(0, gates.numel(), rowsAtOnce, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row)
        gateBack(from + row * width, g + row * width, gate[row], to + row * width, toLogit + row,
                 width);
    });
    return {toMixed, toLogits};
  }
};
} // namespace

tb_status tb_gate_heads(tb_tensor **out, const tb_tensor *mixed, const tb_tensor *logits) {
  return guard([&] {
    const auto &x = mixed->value, &gates = logits->value;
    auto joined = [&](const at::Tensor &gated) {
      return gated.reshape({gated.size(0), gated.size(1), -1});
    };
    bool isFused = isPlainFloat(x) && isPlainFloat(gates);
    *out = owned(joined(isFused ? HeadGate::apply(x, gates)
                                : x * (gates.sigmoid() * 2).unsqueeze(-1)));
  });
}

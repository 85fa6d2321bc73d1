// x + gate · y whose value is known from an earlier pass: only the way back is needed.
#include "Guard.h"

#include <torch/csrc/autograd/custom_function.h>

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

struct KnownSum : Function<KnownSum> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &, const at::Tensor &,
                            const std::optional<at::Tensor> &gate, const at::Tensor &known) {
    context->saved_data["gate"] = gate;
    return known.detach().alias();
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto gate = context->saved_data["gate"].toOptional<at::Tensor>();
    const auto &g = gradients[0];
    return {g, gate ? g * *gate : g, {}, {}};
  }
};
} // namespace

tb_status tb_known_sum(tb_tensor **out, const tb_tensor *x, const tb_tensor *y,
                       const tb_tensor *gate, const tb_tensor *known) {
  return guard([&] {
    *out = owned(KnownSum::apply(x->value, y->value, optional(gate), known->value));
  });
}

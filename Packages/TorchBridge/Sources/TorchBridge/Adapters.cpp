// What adapters need and plain operations would pay for with memory or passes over large tensors.
#include "ScaledRows.h"

#include <torch/csrc/autograd/custom_function.h>

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// bias + (base + scale · inner upᵀ) · magnitude / norm; the norm and the bias are constants. The sum
// takes the place of base, which nobody else needs: a sum of its own would be one more pass.
struct AdaptedRows : Function<AdaptedRows> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &base,
                            const at::Tensor &inner, const at::Tensor &up, double scale,
                            const at::Tensor &magnitude, const at::Tensor &norm,
                            const std::optional<at::Tensor> &bias) {
    auto sum = base.detach().addmm_(inner, up.t(), 1, scale);
    auto factor = magnitude / norm;
    context->save_for_backward({sum, inner, up, factor, norm});
    context->saved_data["scale"] = scale;
    return scaledRows(sum, factor, bias);
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    const auto &sum = saved[0], &inner = saved[1], &up = saved[2], &factor = saved[3];
    double scale = context->saved_data["scale"].toDouble();
    auto gradient = gradients[0].contiguous();
    auto found = rowGradients(gradient, sum, factor);
    auto toInner = at::mm(found.toX, up), toUp = at::mm(found.toX.t(), inner);
    if (scale != 1) toInner.mul_(scale), toUp.mul_(scale);
    return {found.toX, toInner, toUp, {}, found.toFactor / saved[4], {}, {}};
  }
};

struct Factors {
  at::Tensor firstLeft, firstRight, secondLeft, secondRight;

  at::Tensor first() const { return firstLeft.mm(firstRight); }
  at::Tensor second() const { return secondLeft.mm(secondRight); }
  at::Tensor product(double scale) const { return first().mul_(second()).mul_(scale); }
};

// x · ((a b) ∘ (c d))ᵀ · scale; the matrices [out, in] are made again on the way back instead of kept.
struct HadamardProduct : Function<HadamardProduct> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &x, const at::Tensor &a,
                            const at::Tensor &b, const at::Tensor &c, const at::Tensor &d,
                            double scale) {
    context->save_for_backward({x, a, b, c, d});
    context->saved_data["scale"] = scale;
    return x.mm(Factors{a, b, c, d}.product(scale).to(x.scalar_type()).t());
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    const auto &x = saved[0];
    Factors factors{saved[1], saved[2], saved[3], saved[4]};
    double scale = context->saved_data["scale"].toDouble();
    const auto &gradient = gradients[0];
    at::Tensor toX;
    if (context->needs_input_grad(0))
      toX = gradient.mm(factors.product(scale).to(x.scalar_type()));
    auto change = gradient.t().mm(x).to(saved[1].scalar_type()).mul_(scale);
    auto toFirst = factors.second().mul_(change);
    auto a = toFirst.mm(factors.firstRight.t()), b = factors.firstLeft.t().mm(toFirst);
    toFirst.reset();
    auto toSecond = factors.first().mul_(change);
    auto c = toSecond.mm(factors.secondRight.t()), d = factors.secondLeft.t().mm(toSecond);
    return {toX, a, b, c, d, {}};
  }
};
} // namespace

extern "C" {

uint64_t tb_change_count(const tb_tensor *x) { return x->value._version(); }

tb_status tb_adapted_rows(tb_tensor **out, const tb_tensor *base, const tb_tensor *inner,
                          const tb_tensor *up, double scale, const tb_tensor *magnitude,
                          const tb_tensor *norm, const tb_tensor *bias) {
  return guard([&] {
    auto added = optional(bias);
    if (c10::GradMode::is_enabled()) {
      *out = owned(AdaptedRows::apply(base->value, inner->value, up->value, scale,
                                      magnitude->value, norm->value, added));
    } else {
      auto sum = base->value.addmm_(inner->value, up->value.t(), 1, scale);
      *out = owned(scaledRows(sum, magnitude->value / norm->value, added));
    }
  });
}

tb_status tb_hadamard_product(tb_tensor **out, const tb_tensor *x, const tb_tensor *a,
                              const tb_tensor *b, const tb_tensor *c, const tb_tensor *d,
                              double scale) {
  return guard([&] {
    *out = owned(HadamardProduct::apply(x->value, a->value, b->value, c->value, d->value, scale));
  });
}
}

// Frozen linear layers that read one input, each with a low-rank update:
// yᵢ = x Wᵢᵀ + bᵢ + scaleᵢ · (x Aᵢᵀ) Bᵢᵀ.
//
// One product with all A together, updates added in place to the frozen products, and on the way back
// one sum for the input: composed of plain operations, each of these would be a pass over [T, out] more.
#include "Guard.h"

#include <torch/csrc/autograd/custom_function.h>

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// What training does not change; not differentiated.
struct Frozen {
  std::vector<at::Tensor> weights;
  std::vector<std::optional<at::Tensor>> biases;
  std::vector<double> scales;
  bool hasValues; // whether somebody reads the outputs

  size_t count() const { return weights.size(); }
};

// The low-rank matrices, float32: all A, then all B.
struct Updates {
  variable_list all;

  size_t count() const { return all.size() / 2; }
  const at::Tensor &down(size_t i) const { return all[i]; }
  const at::Tensor &up(size_t i) const { return all[count() + i]; }

  // All A in one matrix [R, in], in the type of the activations.
  at::Tensor downs(at::ScalarType type) const {
    if (count() == 1) return down(0).to(type);
    std::vector<at::Tensor> matrices;
    for (size_t i = 0; i < count(); ++i) matrices.push_back(down(i).to(type));
    return at::cat(matrices, 0);
  }
};

// [T, in] for x [..., in]
at::Tensor flat(const at::Tensor &x) { return x.reshape({-1, x.size(-1)}); }

// x Wᵀ + b of one layer, and the update added in place.
at::Tensor product(const Frozen &frozen, const Updates &updates, size_t i, const at::Tensor &x,
                   const at::Tensor &inner) {
  auto weight = frozen.weights[i].t();
  auto y = frozen.biases[i] ? at::addmm(*frozen.biases[i], x, weight) : at::mm(x, weight);
  return y.addmm_(inner, updates.up(i).to(x.scalar_type()).t(), 1, frozen.scales[i]);
}

// scale · gᵀ (x Aᵀ), [out, r]
at::Tensor upGradient(const at::Tensor &g, const at::Tensor &inner, double scale,
                      const at::Tensor &up) {
  auto gradient = at::mm(g.t(), inner);
  if (scale != 1) gradient.mul_(scale);
  return gradient.to(up.scalar_type());
}

struct LowRankLinears : Function<LowRankLinears> {
  static variable_list forward(AutogradContext *context, const at::Tensor &x, at::TensorList thin,
                               const Frozen &frozen) {
    Updates updates{thin.vec()};
    auto rows = flat(x);
    auto inner = at::mm(rows, updates.downs(x.scalar_type()).t()); // [T, R]
    auto shape = x.sizes().vec();
    variable_list results;
    int64_t column = 0;
    for (size_t i = 0; i < frozen.count(); ++i) {
      auto rank = updates.down(i).size(0);
      shape.back() = frozen.weights[i].size(0);
      results.push_back(
          frozen.hasValues
              ? product(frozen, updates, i, rows, inner.narrow(1, column, rank)).view(shape)
              : at::zeros({1}, x.options()).expand(shape));
      column += rank;
    }
    variable_list kept{x, inner};
    kept.insert(kept.end(), thin.begin(), thin.end());
    kept.insert(kept.end(), frozen.weights.begin(), frozen.weights.end());
    context->save_for_backward(kept);
    context->saved_data["scales"] = frozen.scales;
    return results;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto scales = context->saved_data["scales"].toDoubleVector();
    size_t count = scales.size();
    auto x = flat(saved[0]);
    const auto &inner = saved[1];
    Updates updates{{saved.begin() + 2, saved.begin() + 2 + 2 * count}};
    auto *weights = &saved[2 + 2 * count];
    variable_list results(1 + 2 * count + 1); // x, A, B, and what is frozen
    auto toInner = at::empty_like(inner);     // [T, R]
    at::Tensor toX;
    int64_t column = 0;
    for (size_t i = 0; i < count; ++i) {
      auto rank = updates.down(i).size(0);
      auto own = toInner.narrow(1, column, rank), read = inner.narrow(1, column, rank);
      column += rank;
      if (!gradients[i].defined()) {
        own.zero_();
        continue;
      }
      auto g = flat(gradients[i]);
      own.addmm_(g, updates.up(i).to(x.scalar_type()), 0, scales[i]);
      results[1 + count + i] = upGradient(g, read, scales[i], updates.up(i));
      if (!context->needs_input_grad(0)) continue;
      toX = toX.defined() ? toX.addmm_(g, weights[i]) : at::mm(g, weights[i]);
    }
    auto toDowns = at::mm(toInner.t(), x); // [R, in]
    column = 0;
    for (size_t i = 0; i < count; ++i) {
      auto rank = updates.down(i).size(0);
      results[1 + i] = toDowns.narrow(0, column, rank).to(updates.down(i).scalar_type());
      column += rank;
    }
    if (toX.defined())
      results[0] = toX.addmm_(toInner, updates.downs(x.scalar_type())).view(saved[0].sizes());
    return results;
  }
};
} // namespace

tb_status tb_low_rank_linears(tb_tensor **outs, const tb_tensor *x, tb_list weights,
                              const tb_tensor *const *biases, tb_list downs, tb_list ups,
                              const double *scales, bool hasValues) {
  return guard([&] {
    size_t count = weights.count;
    Frozen frozen{tensors(weights), {}, {scales, scales + count}, hasValues};
    for (size_t i = 0; i < count; ++i) frozen.biases.push_back(optional(biases[i]));
    auto thin = tensors(downs);
    for (const auto &up : tensors(ups)) thin.push_back(up);
    auto results = LowRankLinears::apply(x->value, at::TensorList(thin), frozen);
    for (size_t i = 0; i < results.size(); ++i) outs[i] = owned(results[i]);
  });
}

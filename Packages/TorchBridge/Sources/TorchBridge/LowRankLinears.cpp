// Frozen linear layers that read one input, each with a low-rank update:
// yᵢ = x Wᵢᵀ + scaleᵢ · (x Aᵢᵀ) Bᵢᵀ + bᵢ, in DoRA the sum before bᵢ times magnitudeᵢ / normᵢ.
//
// One product with all A together, updates added in place to the frozen products, and on the way back
// one sum for the input: composed of plain operations, each of these would be a pass over [T, out] more.
#include "ScaledRows.h"

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
  variable_list norms; // of DoRA, [out]; else undefined
  bool hasValues;      // whether somebody reads the outputs

  size_t count() const { return weights.size(); }
};

// What is trained, float32: all A, all B, then DoRA's magnitudes.
struct Updates {
  variable_list all;
  std::vector<size_t> magnitudes; // where each layer's is; 0: it has none

  Updates(variable_list matrices, const variable_list &norms) : all(std::move(matrices)) {
    size_t next = 2 * norms.size();
    for (const auto &norm : norms) magnitudes.push_back(norm.defined() ? next++ : 0);
  }

  size_t count() const { return magnitudes.size(); }
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

// What a layer gives, [T, out], undefined if nobody reads it; in DoRA also the sum before it is scaled, and
// magnitude / norm.
struct Output {
  at::Tensor y, sum, factor;
};

// The update is added in place to the frozen product. DoRA's sum is always needed: for the magnitude.
Output output(const Frozen &frozen, const Updates &updates, size_t i, const at::Tensor &x,
              const at::Tensor &inner) {
  bool isScaled = frozen.norms[i].defined();
  if (!frozen.hasValues && !isScaled) return {};
  auto weight = frozen.weights[i].t();
  const auto &bias = frozen.biases[i];
  auto sum = bias && !isScaled ? at::addmm(*bias, x, weight) : at::mm(x, weight);
  sum.addmm_(inner, updates.up(i).to(x.scalar_type()).t(), 1, frozen.scales[i]);
  if (!isScaled) return {sum};
  auto factor = updates.all[updates.magnitudes[i]] / frozen.norms[i];
  if (!frozen.hasValues) return {{}, sum, factor};
  return {scaledRows(sum, factor, bias), sum, factor};
}

// y [T, out] in the shape [..., out]; zeros that take no memory where it is undefined.
at::Tensor shaped(const at::Tensor &y, const at::Tensor &x, int64_t width) {
  auto shape = x.sizes().vec();
  shape.back() = width;
  return y.defined() ? y.view(shape) : at::zeros({1}, x.options()).expand(shape);
}

// scale · gᵀ (x Aᵀ), [out, r]
at::Tensor upGradient(const at::Tensor &g, const at::Tensor &inner, double scale,
                      const at::Tensor &up) {
  auto gradient = at::mm(g.t(), inner);
  if (scale != 1) gradient.mul_(scale);
  return gradient.to(up.scalar_type());
}

// What the way back needs; all lists have an element for each layer.
struct Kept {
  at::Tensor x, inner; // [..., in], [T, R]
  Updates updates;
  variable_list weights, norms, sums, factors; // the last three of DoRA, else undefined

  static Kept from(const variable_list &saved, size_t count) {
    auto at = saved.begin() + 2;
    auto next = [&](size_t length) { return variable_list(at, at += length); };
    auto norms = next(count), sums = next(count), factors = next(count), weights = next(count);
    return {saved[0], saved[1], {variable_list(at, saved.end()), norms}, weights, norms, sums, factors};
  }

  variable_list all() const {
    variable_list result{x, inner};
    for (auto *list : {&norms, &sums, &factors, &weights, &updates.all})
      result.insert(result.end(), list->begin(), list->end());
    return result;
  }
};

struct LowRankLinears : Function<LowRankLinears> {
  static variable_list forward(AutogradContext *context, const at::Tensor &x, at::TensorList thin,
                               const Frozen &frozen) {
    Updates updates{thin.vec(), frozen.norms};
    auto rows = flat(x), inner = at::mm(rows, updates.downs(x.scalar_type()).t()); // [T, R]
    Kept kept{x, inner, updates, frozen.weights, frozen.norms, {}, {}};
    variable_list results;
    int64_t column = 0;
    for (size_t i = 0; i < frozen.count(); ++i) {
      auto rank = updates.down(i).size(0);
      auto found = output(frozen, updates, i, rows, inner.narrow(1, column, rank));
      results.push_back(shaped(found.y, x, frozen.weights[i].size(0)));
      kept.sums.push_back(found.sum);
      kept.factors.push_back(found.factor);
      column += rank;
    }
    context->save_for_backward(kept.all());
    context->saved_data["scales"] = frozen.scales;
    return results;
  }

  // Of the sum of layer i, [T, out], from that of its output; in DoRA the magnitude's as well.
  static at::Tensor toSum(const Kept &kept, size_t i, const at::Tensor &gradient,
                          at::Tensor &toMagnitude) {
    auto g = flat(gradient);
    if (!kept.factors[i].defined()) return g;
    auto found = rowGradients(g.contiguous(), kept.sums[i], kept.factors[i]);
    toMagnitude = found.toFactor / kept.norms[i];
    return found.toX;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto scales = context->saved_data["scales"].toDoubleVector();
    size_t count = scales.size();
    auto kept = Kept::from(context->get_saved_variables(), count);
    const auto &updates = kept.updates;
    auto x = flat(kept.x), toInner = at::empty_like(kept.inner), toX = at::Tensor();
    variable_list results(1 + updates.all.size() + 1); // x, what is trained, and what is frozen
    int64_t column = 0;
    for (size_t i = 0; i < count; ++i) {
      auto rank = updates.down(i).size(0);
      auto own = toInner.narrow(1, column, rank), read = kept.inner.narrow(1, column, rank);
      column += rank;
      if (!gradients[i].defined()) {
        own.zero_();
        continue;
      }
      auto g = toSum(kept, i, gradients[i], results[1 + updates.magnitudes[i]]);
      own.addmm_(g, updates.up(i).to(x.scalar_type()), 0, scales[i]);
      results[1 + count + i] = upGradient(g, read, scales[i], updates.up(i));
      if (!context->needs_input_grad(0)) continue;
      toX = toX.defined() ? toX.addmm_(g, kept.weights[i]) : at::mm(g, kept.weights[i]);
    }
    auto toDowns = at::mm(toInner.t(), x); // [R, in]
    column = 0;
    for (size_t i = 0; i < count; ++i) {
      auto rank = updates.down(i).size(0);
      results[1 + i] = toDowns.narrow(0, column, rank).to(updates.down(i).scalar_type());
      column += rank;
    }
    if (toX.defined())
      results[0] = toX.addmm_(toInner, updates.downs(x.scalar_type())).view(kept.x.sizes());
    return results;
  }
};
} // namespace

tb_status tb_low_rank_linears(tb_tensor **outs, const tb_tensor *x, tb_list weights,
                              const tb_tensor *const *biases, tb_list downs, tb_list ups,
                              const tb_tensor *const *magnitudes, const tb_tensor *const *norms,
                              const double *scales, bool hasValues) {
  return guard([&] {
    size_t count = weights.count;
    Frozen frozen{tensors(weights), {}, {scales, scales + count}, {}, hasValues};
    auto thin = tensors(downs);
    for (const auto &up : tensors(ups)) thin.push_back(up);
    for (size_t i = 0; i < count; ++i) {
      frozen.biases.push_back(optional(biases[i]));
      frozen.norms.push_back(optional(norms[i]).value_or(at::Tensor()));
      if (magnitudes[i]) thin.push_back(magnitudes[i]->value);
    }
    auto results = LowRankLinears::apply(x->value, at::TensorList(thin), frozen);
    for (size_t i = 0; i < results.size(); ++i) outs[i] = owned(results[i]);
  });
}

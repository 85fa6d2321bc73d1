// Softmax attention, and the same again on a second pass that already knows its result.
#include "Guard.h"

#include <torch/csrc/autograd/custom_function.h>

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// What LibTorch's own CPU kernel takes; only there are its sums at hand.
bool hasSums(const at::Tensor &query, const at::Tensor &key, const at::Tensor &value) {
  auto isDense = [](const at::Tensor &x) { return x.is_cpu() && x.dim() == 4 && x.stride(3) == 1; };
  return isDense(query) && isDense(key) && isDense(value) && query.size(1) == key.size(1)
         && query.size(3) == value.size(3);
}

// Goes back from a result that is given instead of computed.
struct KnownAttention : Function<KnownAttention> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &query,
                            const at::Tensor &key, const at::Tensor &value,
                            const std::optional<at::Tensor> &bias, const at::Tensor &result,
                            const at::Tensor &sums, double scale) {
    context->save_for_backward({query, key, value, result, sums});
    context->saved_data["bias"] = bias;
    context->saved_data["scale"] = scale;
    return result.alias();
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto [toQuery, toKey, toValue] = at::_scaled_dot_product_flash_attention_for_cpu_backward(
        gradients[0], saved[0], saved[1], saved[2], saved[3], saved[4], 0.0, false,
        context->saved_data["bias"].toOptional<at::Tensor>(),
        context->saved_data["scale"].toDouble());
    return {toQuery, toKey, toValue, {}, {}, {}, {}};
  }
};
} // namespace

tb_status tb_attention(tb_tensor **out, const tb_tensor *query, const tb_tensor *key,
                       const tb_tensor *value, const tb_tensor *bias, double scale, bool causal) {
  return guard([&] {
    bool grouped = query->value.size(1) != key->value.size(1);
    *out = owned(at::scaled_dot_product_attention(query->value, key->value, value->value,
                                                  optional(bias), 0.0, causal, scale, grouped));
  });
}

tb_status tb_attention_with_sums(tb_tensor **out, tb_tensor **sums, const tb_tensor *query,
                                 const tb_tensor *key, const tb_tensor *value,
                                 const tb_tensor *bias, double scale) {
  return guard([&] {
    const auto &q = query->value, &k = key->value, &v = value->value;
    if (hasSums(q, k, v)) {
      auto [result, found] = at::_scaled_dot_product_flash_attention_for_cpu(
          q, k, v, 0.0, false, optional(bias), scale);
      *out = owned(result);
      *sums = owned(found);
    } else {
      *out = owned(at::scaled_dot_product_attention(q, k, v, optional(bias), 0.0, false, scale));
    }
  });
}

tb_status tb_attention_known(tb_tensor **out, const tb_tensor *query, const tb_tensor *key,
                             const tb_tensor *value, const tb_tensor *bias,
                             const tb_tensor *result, const tb_tensor *sums, double scale) {
  return guard([&] {
    *out = owned(KnownAttention::apply(query->value, key->value, value->value, optional(bias),
                                       result->value, sums->value, scale));
  });
}

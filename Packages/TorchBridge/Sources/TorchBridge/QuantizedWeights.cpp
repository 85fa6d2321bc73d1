// Frozen matrices in 8 and 4 bits: decoding, and the product that differentiates by its input.
//
// Decoding is composed of few ATen operations, some rows at a time and in float32, so that it runs on
// every device, rounds once, and needs little beyond the matrix that it makes.
#include "WeightCoding.h"

#include <map>
#include <mutex>
#include <torch/csrc/autograd/custom_function.h>

namespace {

constexpr int64_t rotationSize = 256;

struct Weight {
  tb_weight_form form = TB_INT8_ROWS;
  at::Tensor codes;
  at::Tensor scale;
  at::Tensor zero;  // undefined where the form has none
  int64_t rows = 0;
  int64_t columns = 0;

  Weight() = default;
  explicit Weight(const tb_weight &weight)
      : form(weight.form), codes(weight.codes->value), scale(weight.scale->value),
        zero(weight.zero ? weight.zero->value : at::Tensor()), rows(weight.rows),
        columns(weight.columns) {}
};

at::Tensor onCPU(const std::vector<float> &values) {
  return at::tensor(values, at::TensorOptions(at::kFloat));
}

// Row b: what the two halves of byte b stand for.
at::Tensor pairsOfByte(tb_weight_form form) {
  std::vector<float> values;
  for (int byte = 0; byte < 256; ++byte)
    for (int code : {byte >> 4, byte & 15})
      values.push_back(form == TB_NF4_BLOCKS ? normalQuantiles[code] : static_cast<float>(code));
  return onCPU(values).view({256, 2});
}

at::Tensor rotation() {
  auto quarter = onCPU({1, 1, 1, -1, 1, 1, -1, 1, 1, -1, 1, 1, -1, 1, 1, 1}).view({4, 4}).div(2);
  auto sixteenth = at::kron(quarter, quarter);
  return at::kron(sixteenth, sixteenth).contiguous();
}

// Small tables are made once per device. They are never freed: at exit the device may be gone first.
at::Tensor table(tb_weight_form form, at::Device device) {
  static auto &lock = *new std::mutex;
  static auto &known = *new std::map<std::pair<int, std::string>, at::Tensor>;
  std::lock_guard<std::mutex> held(lock);
  auto &entry = known[{static_cast<int>(form), device.str()}];
  if (!entry.defined())
    entry = (form == TB_ROTATED_INT8_ROWS ? rotation() : pairsOfByte(form)).to(device);
  return entry;
}

at::Tensor rotated(const at::Tensor &rows) {
  auto groups = rows.view({-1, rotationSize});
  return at::matmul(groups, table(TB_ROTATED_INT8_ROWS, rows.device())).view(rows.sizes());
}

void decodeRows(const Weight &weight, const at::Tensor &dense) {
  int64_t step = std::max<int64_t>(1, elementsAtOnce(dense) / weight.columns);
  for (int64_t start = 0; start < weight.rows; start += step) {
    int64_t count = std::min(step, weight.rows - start);
    auto part = weight.codes.narrow(0, start, count).to(at::kFloat);
    if (weight.form == TB_ROTATED_INT8_ROWS) part = rotated(part);
    bool single = weight.scale.size(0) == 1;
    part.mul_(single ? weight.scale : weight.scale.narrow(0, start, count));
    dense.narrow(0, start, count).copy_(part);
  }
}

void decodeGroups(const Weight &weight, const at::Tensor &dense) {
  auto flat = dense.view(-1);
  auto pairs = table(weight.form, dense.device());
  int64_t groups = weight.codes.size(0);
  int64_t step = elementsAtOnce(dense) / groupSize;
  for (int64_t start = 0; start < groups; start += step) {
    int64_t count = std::min(step, groups - start);
    auto codes = weight.codes.narrow(0, start, count).to(at::kInt);
    auto part = at::embedding(pairs, codes).view({count, groupSize});
    if (weight.zero.defined()) part.sub_(weight.zero.narrow(0, start, count));
    part.mul_(weight.scale.narrow(0, start, count));
    // The last group may be filled up beyond the matrix.
    int64_t first = start * groupSize;
    int64_t kept = std::min(count * groupSize, flat.size(0) - first);
    flat.narrow(0, first, kept).copy_(part.view(-1).narrow(0, 0, kept));
  }
}

at::Tensor decoded(const Weight &weight, at::ScalarType type) {
  auto dense = at::empty({weight.rows, weight.columns}, weight.codes.options().dtype(type));
  isGrouped(weight.form) ? decodeGroups(weight, dense) : decodeRows(weight, dense);
  return dense;
}

// The matrix exists twice for a moment, forward and backward, and is part of no record.
struct QuantizedProduct : torch::autograd::Function<QuantizedProduct> {
  static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &x,
                            const Weight &weight, const std::optional<at::Tensor> &bias) {
    // Not save_for_backward: whoever moves weights changes these very tensors between the two passes.
    context->saved_data["codes"] = weight.codes;
    context->saved_data["scale"] = weight.scale;
    if (weight.zero.defined()) context->saved_data["zero"] = weight.zero;
    context->saved_data["form"] = static_cast<int64_t>(weight.form);
    context->saved_data["rows"] = weight.rows;
    context->saved_data["columns"] = weight.columns;
    return at::linear(x, decoded(weight, x.scalar_type()), bias);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                 torch::autograd::variable_list gradients) {
    c10::NoGradGuard plain;
    auto dense = decoded(saved(context), gradients[0].scalar_type());
    return {at::matmul(gradients[0], dense), at::Tensor(), at::Tensor()};
  }

  static Weight saved(torch::autograd::AutogradContext *context) {
    auto &data = context->saved_data;
    Weight weight;
    weight.form = static_cast<tb_weight_form>(data["form"].toInt());
    weight.codes = data["codes"].toTensor();
    weight.scale = data["scale"].toTensor();
    if (data.count("zero")) weight.zero = data["zero"].toTensor();
    weight.rows = data["rows"].toInt();
    weight.columns = data["columns"].toInt();
    return weight;
  }
};
}  // namespace

extern "C" {

tb_status tb_quantize(tb_tensor **codes, tb_tensor **scale, tb_tensor **zero,
                      const tb_tensor *matrix, tb_weight_form form) {
  return guard([&] {
    c10::NoGradGuard plain;
    TORCH_CHECK(matrix->value.dim() == 2, "only matrices can be quantised");
    auto result = coded(form, matrix->value.contiguous());
    *codes = owned(result.codes);
    *scale = owned(result.scale);
    *zero = result.zero.defined() ? owned(result.zero) : nullptr;
  });
}

tb_status tb_dequantize(tb_tensor **out, tb_weight weight, tb_dtype type) {
  return guard([&] {
    c10::NoGradGuard plain;
    *out = owned(decoded(Weight(weight), scalarType(type)));
  });
}

tb_status tb_quantized_linear(tb_tensor **out, const tb_tensor *x, tb_weight weight,
                              const tb_tensor *bias) {
  return guard([&] {
    *out = owned(QuantizedProduct::apply(x->value, Weight(weight), optional(bias)));
  });
}

tb_status tb_quantized_row_squares(tb_tensor **out, tb_weight weight) {
  return guard([&] {
    c10::NoGradGuard plain;
    auto norms = at::linalg_vector_norm(decoded(Weight(weight), at::kFloat), 2, at::IntArrayRef{1});
    *out = owned(norms.square());
  });
}
}

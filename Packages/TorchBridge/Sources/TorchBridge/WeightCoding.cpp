// Codes of frozen matrices, composed of ATen's operations for every device and type.
#include "WeightCoding.h"

namespace {
// A group of zeros gets the scale 1: nothing is divided by zero.
at::Tensor nonZero(at::Tensor scale) { return scale.masked_fill_(scale == 0, 1); }

Coded codeRows(tb_weight_form form, const at::Tensor &part) {
  double limit = form == TB_FLOAT8_ROWS ? float8Limit : int8Limit;
  auto scale = nonZero(part.abs().amax({1}, /*keepdim=*/true) / limit);
  auto levels = part / scale;
  if (form == TB_FLOAT8_ROWS) return {levels.to(at::kFloat8_e4m3fn), scale, {}};
  return {levels.round_().clamp_(-int8Limit, int8Limit).to(at::kChar), scale, {}};
}

at::Tensor packed(const at::Tensor &codes) {
  auto pairs = codes.view({codes.size(0), groupSize / 2, 2});
  return (pairs.select(2, 0) * 16 + pairs.select(2, 1)).to(at::kByte);
}

// Codes are chosen for the scale as it is kept, so that its rounding adds no error of its own.
Coded codeInt4(const at::Tensor &part) {
  auto low = part.amin({1}, true).clamp_max_(0);
  auto high = part.amax({1}, true).clamp_min_(0);
  auto scale = nonZero(((high - low) / 15).to(at::kBFloat16));
  auto zero = (-low / scale).round_().clamp_(0, 15);
  auto codes = (part / scale).round_().add_(zero).clamp_(0, 15);
  return {packed(codes.to(at::kByte)), scale, zero.to(at::kByte)};
}

Coded codeNF4(const at::Tensor &part) {
  auto scale = nonZero(part.abs().amax({1}, true));
  std::vector<float> borders;
  for (int i = 0; i < 15; ++i)
    borders.push_back((normalQuantiles[i] + normalQuantiles[i + 1]) / 2);
  auto places = at::tensor(borders, at::TensorOptions(at::kFloat)).to(part.device());
  auto codes = at::bucketize(part / scale, places, /*out_int32=*/true);
  return {packed(codes), scale, {}};
}

Coded codedPart(tb_weight_form form, const at::Tensor &part) {
  switch (form) {
  case TB_FLOAT8_ROWS:
  case TB_INT8_ROWS: return codeRows(form, part);
  case TB_INT4_GROUPS: return codeInt4(part);
  case TB_NF4_BLOCKS: return codeNF4(part);
  case TB_ROTATED_INT8_ROWS: break;
  }
  TORCH_CHECK(false, "no coder for weights of form ", static_cast<int>(form));
}

// Rows of the matrix, or groups of its elements filled up with zeros.
at::Tensor units(tb_weight_form form, const at::Tensor &matrix, int64_t start, int64_t count) {
  if (!isGrouped(form))
    return matrix.narrow(0, start, count).to(at::kFloat);
  auto flat = matrix.view(-1);
  int64_t first = start * groupSize;
  int64_t kept = std::min(count * groupSize, flat.size(0) - first);
  auto part = flat.narrow(0, first, kept).to(at::kFloat);
  return at::constant_pad_nd(part, {0, count * groupSize - kept}).view({count, groupSize});
}

Coded codedInParts(tb_weight_form form, const at::Tensor &matrix) {
  int64_t unit = isGrouped(form) ? groupSize : matrix.size(1);
  int64_t total = isGrouped(form) ? (matrix.numel() + unit - 1) / unit : matrix.size(0);
  int64_t step = std::max<int64_t>(1, elementsAtOnce(matrix) / unit);
  Coded whole;
  auto keep = [&](at::Tensor &place, const at::Tensor &part, int64_t start) {
    if (!part.defined()) return;
    // The first part tells type and width; later ones are written beside it.
    if (!place.defined()) place = at::empty({total, part.size(1)}, part.options());
    place.narrow(0, start, part.size(0)).copy_(part);
  };
  for (int64_t start = 0; start < total; start += step) {
    auto part = codedPart(form, units(form, matrix, start, std::min(step, total - start)));
    keep(whole.codes, part.codes, start);
    keep(whole.scale, part.scale, start);
    keep(whole.zero, part.zero, start);
  }
  return whole;
}
} // namespace

Coded coded(tb_weight_form form, const at::Tensor &matrix) {
  return canCodeInOnePass(form, matrix) ? codedInOnePass(form, matrix) : codedInParts(form, matrix);
}

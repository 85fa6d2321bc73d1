// Life of a tensor: making, reading, converting.
#include "Guard.h"

#include <cstring>

std::string &lastError() {
  static thread_local std::string text;
  return text;
}

static const std::pair<tb_dtype, at::ScalarType> typePairs[] = {
    {TB_BOOL, at::kBool},          {TB_UINT8, at::kByte},
    {TB_INT8, at::kChar},          {TB_INT16, at::kShort},
    {TB_INT32, at::kInt},          {TB_INT64, at::kLong},
    {TB_FLOAT16, at::kHalf},       {TB_BFLOAT16, at::kBFloat16},
    {TB_FLOAT32, at::kFloat},      {TB_FLOAT64, at::kDouble},
    {TB_FLOAT8_E4M3, at::kFloat8_e4m3fn}, {TB_FLOAT8_E5M2, at::kFloat8_e5m2},
    {TB_UINT16, at::kUInt16},      {TB_UINT32, at::kUInt32},
    {TB_UINT64, at::kUInt64},
};

at::ScalarType scalarType(tb_dtype type) {
  for (auto [ours, theirs] : typePairs)
    if (ours == type) return theirs;
  TORCH_CHECK(false, "unknown element type ", static_cast<int>(type));
}

extern "C" {

const char *tb_last_error(void) { return lastError().c_str(); }

int64_t tb_live_tensors(void) { return liveTensors; }

void tb_free(tb_tensor *tensor) { delete tensor; }

size_t tb_dimension_count(const tb_tensor *tensor) { return tensor->value.dim(); }

int64_t tb_dimension(const tb_tensor *tensor, size_t axis) { return tensor->value.size(axis); }

tb_dtype tb_type(const tb_tensor *tensor) {
  for (auto [ours, theirs] : typePairs)
    if (theirs == tensor->value.scalar_type()) return ours;
  return TB_UNKNOWN_TYPE;
}

const char *tb_device(const tb_tensor *tensor) {
  static thread_local std::string text;
  text = tensor->value.device().str();
  return text.c_str();
}

bool tb_requires_gradient(const tb_tensor *tensor) { return tensor->value.requires_grad(); }

tb_status tb_set_requires_gradient(tb_tensor *tensor, bool on) {
  return guard([&] { tensor->value.set_requires_grad(on); });
}

tb_status tb_read(const tb_tensor *tensor, void *bytes, size_t count) {
  return guard([&] {
    at::Tensor plain = tensor->value.detach().cpu().contiguous();
    TORCH_CHECK(plain.nbytes() == count, "reading ", plain.nbytes(), " bytes into ", count);
    std::memcpy(bytes, plain.const_data_ptr(), count);
  });
}

tb_status tb_item(const tb_tensor *tensor, double *value) {
  return guard([&] { *value = tensor->value.item().toDouble(); });
}

tb_status tb_from_bytes(tb_tensor **out, const void *bytes, size_t count, tb_dtype type,
                        tb_dims shape) {
  return guard([&] {
    at::Tensor result = at::empty(dims(shape), at::TensorOptions(scalarType(type)));
    TORCH_CHECK(result.nbytes() == count, "shape needs ", result.nbytes(), " bytes, got ", count);
    if (count > 0) std::memcpy(result.mutable_data_ptr(), bytes, count);
    *out = owned(result);
  });
}

tb_status tb_full(tb_tensor **out, tb_dims shape, double value, tb_dtype type, const char *device) {
  return guard([&] {
    *out = owned(at::full(dims(shape), value, at::TensorOptions(scalarType(type)).device(at::Device(device))));
  });
}

tb_status tb_arange(tb_tensor **out, double start, double end, double step, tb_dtype type,
                    const char *device) {
  return guard([&] {
    auto options = at::TensorOptions(scalarType(type)).device(at::Device(device));
    *out = owned(at::arange(start, end, step, options));
  });
}

tb_status tb_linspace(tb_tensor **out, double start, double end, int64_t count, tb_dtype type,
                      const char *device) {
  return guard([&] {
    auto options = at::TensorOptions(scalarType(type)).device(at::Device(device));
    *out = owned(at::linspace(start, end, count, options));
  });
}

tb_status tb_to(tb_tensor **out, const tb_tensor *x, tb_dtype type, const char *device) {
  return guard([&] {
    auto kind = type == TB_UNKNOWN_TYPE ? x->value.scalar_type() : scalarType(type);
    auto place = device ? at::Device(device) : x->value.device();
    *out = owned(x->value.to(place, kind));
  });
}

tb_status tb_contiguous(tb_tensor **out, const tb_tensor *x) {
  return guard([&] { *out = owned(x->value.contiguous()); });
}

tb_status tb_clone(tb_tensor **out, const tb_tensor *x) {
  return guard([&] { *out = owned(x->value.clone()); });
}

tb_status tb_detach(tb_tensor **out, const tb_tensor *x) {
  return guard([&] { *out = owned(x->value.detach()); });
}
}

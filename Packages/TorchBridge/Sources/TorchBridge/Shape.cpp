// Views, joins and padding.
#include "Guard.h"

extern "C" {

tb_status tb_reshape(tb_tensor **out, const tb_tensor *x, tb_dims shape) {
  return guard([&] { *out = owned(x->value.reshape(dims(shape))); });
}

tb_status tb_expand(tb_tensor **out, const tb_tensor *x, tb_dims shape) {
  return guard([&] { *out = owned(x->value.expand(dims(shape))); });
}

tb_status tb_permute(tb_tensor **out, const tb_tensor *x, tb_dims axes) {
  return guard([&] { *out = owned(x->value.permute(dims(axes))); });
}

tb_status tb_transpose(tb_tensor **out, const tb_tensor *x, int64_t first, int64_t second) {
  return guard([&] { *out = owned(x->value.transpose(first, second)); });
}

tb_status tb_narrow(tb_tensor **out, const tb_tensor *x, int64_t axis, int64_t start,
                    int64_t length) {
  return guard([&] { *out = owned(x->value.narrow(axis, start, length)); });
}

tb_status tb_select(tb_tensor **out, const tb_tensor *x, int64_t axis, int64_t index) {
  return guard([&] { *out = owned(x->value.select(axis, index)); });
}

tb_status tb_gather_rows(tb_tensor **out, const tb_tensor *x, int64_t axis,
                         const tb_tensor *index) {
  return guard([&] { *out = owned(x->value.index_select(axis, index->value)); });
}

tb_status tb_unsqueeze(tb_tensor **out, const tb_tensor *x, int64_t axis) {
  return guard([&] { *out = owned(x->value.unsqueeze(axis)); });
}

tb_status tb_concatenate(tb_tensor **out, tb_list list, int64_t axis) {
  return guard([&] { *out = owned(at::cat(tensors(list), axis)); });
}

tb_status tb_stack(tb_tensor **out, tb_list list, int64_t axis) {
  return guard([&] { *out = owned(at::stack(tensors(list), axis)); });
}

tb_status tb_repeat(tb_tensor **out, const tb_tensor *x, tb_dims times) {
  return guard([&] { *out = owned(x->value.repeat(dims(times))); });
}

tb_status tb_pad(tb_tensor **out, const tb_tensor *x, tb_dims amounts, tb_padding mode,
                 double value) {
  return guard([&] {
    const char *names[] = {"constant", "reflect", "replicate"};
    auto fill = mode == TB_PAD_CONSTANT ? std::optional(value) : std::nullopt;
    *out = owned(at::pad(x->value, dims(amounts), names[mode], fill));
  });
}
}

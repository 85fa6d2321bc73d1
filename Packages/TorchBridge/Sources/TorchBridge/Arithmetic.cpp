// Elementwise operations, reductions and random numbers.
#include "Guard.h"

#include <ATen/CPUGeneratorImpl.h>

extern "C" {

tb_status tb_generator_create(tb_generator **out, uint64_t seed) {
  return guard([&] { *out = new tb_generator{at::detail::createCPUGenerator(seed)}; });
}

void tb_generator_free(tb_generator *generator) { delete generator; }

tb_status tb_normal(tb_tensor **out, tb_dims shape, tb_generator *g) {
  return guard([&] { *out = owned(at::randn(dims(shape), g->value, at::kFloat)); });
}

tb_status tb_uniform(tb_tensor **out, tb_dims shape, tb_generator *g) {
  return guard([&] { *out = owned(at::rand(dims(shape), g->value, at::kFloat)); });
}

#define UNARY(name, expression)                                     \
  tb_status tb_##name(tb_tensor **out, const tb_tensor *tensor) {   \
    return guard([&] {                                              \
      const at::Tensor &x = tensor->value;                          \
      *out = owned(expression);                                     \
    });                                                             \
  }
UNARY(negate, x.neg())
UNARY(exponential, x.exp())
UNARY(logarithm, x.log())
UNARY(square_root, x.sqrt())
UNARY(reciprocal_square_root, x.rsqrt())
UNARY(sine, x.sin())
UNARY(cosine, x.cos())
UNARY(absolute, x.abs())
UNARY(sigmoid, x.sigmoid())
UNARY(tanh, x.tanh())
UNARY(silu, at::silu(x))
UNARY(is_finite, at::isfinite(x).all())

tb_status tb_add(tb_tensor **out, const tb_tensor *x, const tb_tensor *y, double factor) {
  return guard([&] { *out = owned(at::add(x->value, y->value, factor)); });
}

tb_status tb_multiply(tb_tensor **out, const tb_tensor *x, const tb_tensor *y) {
  return guard([&] { *out = owned(at::mul(x->value, y->value)); });
}

tb_status tb_divide(tb_tensor **out, const tb_tensor *x, const tb_tensor *y) {
  return guard([&] { *out = owned(at::div(x->value, y->value)); });
}

tb_status tb_maximum(tb_tensor **out, const tb_tensor *x, const tb_tensor *y) {
  return guard([&] { *out = owned(at::maximum(x->value, y->value)); });
}

tb_status tb_add_number(tb_tensor **out, const tb_tensor *x, double y) {
  return guard([&] { *out = owned(at::add(x->value, y)); });
}

tb_status tb_multiply_number(tb_tensor **out, const tb_tensor *x, double y) {
  return guard([&] { *out = owned(at::mul(x->value, y)); });
}

tb_status tb_power(tb_tensor **out, const tb_tensor *x, double y) {
  return guard([&] { *out = owned(at::pow(x->value, y)); });
}

tb_status tb_clamp(tb_tensor **out, const tb_tensor *x, double low, double high) {
  return guard([&] { *out = owned(at::clamp(x->value, low, high)); });
}

tb_status tb_add_product(tb_tensor **out, const tb_tensor *x, const tb_tensor *y,
                         const tb_tensor *z) {
  return guard([&] { *out = owned(at::addcmul(x->value, y->value, z->value)); });
}

tb_status tb_copy_into(tb_tensor *x, const tb_tensor *source) {
  return guard([&] { x->value.copy_(source->value); });
}

tb_status tb_add_into(tb_tensor *x, const tb_tensor *y, double factor) {
  return guard([&] { x->value.add_(y->value, factor); });
}

tb_status tb_scale_into(tb_tensor *x, double factor) {
  return guard([&] { x->value.mul_(factor); });
}

tb_status tb_sum(tb_tensor **out, const tb_tensor *x, tb_dims axes, bool keep) {
  return guard([&] { *out = owned(at::sum(x->value, dims(axes), keep)); });
}

tb_status tb_mean(tb_tensor **out, const tb_tensor *x, tb_dims axes, bool keep) {
  return guard([&] { *out = owned(at::mean(x->value, dims(axes), keep)); });
}

tb_status tb_largest(tb_tensor **out, const tb_tensor *x, tb_dims axes, bool keep) {
  return guard([&] { *out = owned(at::amax(x->value, dims(axes), keep)); });
}

tb_status tb_smallest(tb_tensor **out, const tb_tensor *x, tb_dims axes, bool keep) {
  return guard([&] { *out = owned(at::amin(x->value, dims(axes), keep)); });
}

tb_status tb_total_norm(tb_tensor **out, tb_list list) {
  return guard([&] {
    auto norms = at::_foreach_norm(tensors(list), 2, at::kFloat);
    *out = owned(at::linalg_vector_norm(at::stack(norms), 2));
  });
}
}

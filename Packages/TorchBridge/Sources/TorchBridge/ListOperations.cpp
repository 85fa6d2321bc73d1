// Optimizers work on lists of many small tensors: one launch for many of them where the device can.
// Nothing here is recorded for gradients.
#include "Guard.h"

#include <c10/core/GradMode.h>

template <typename Body> static tb_status change(tb_list x, Body &&body) {
  return guard([&] {
    c10::NoGradGuard plain;
    if (x.count > 0) body(tensors(x));
  });
}

extern "C" {

tb_status tb_list_scale(tb_list x, double factor) {
  return change(x, [&](auto list) { at::_foreach_mul_(list, factor); });
}

tb_status tb_list_add(tb_list x, tb_list y, double factor) {
  return change(x, [&](auto list) { at::_foreach_add_(list, tensors(y), factor); });
}

tb_status tb_list_add_number(tb_list x, double number) {
  return change(x, [&](auto list) { at::_foreach_add_(list, number); });
}

tb_status tb_list_add_product(tb_list x, tb_list a, tb_list b, double factor) {
  return change(x, [&](auto list) { at::_foreach_addcmul_(list, tensors(a), tensors(b), factor); });
}

tb_status tb_list_add_quotient(tb_list x, tb_list a, tb_list b, double factor) {
  return change(x, [&](auto list) { at::_foreach_addcdiv_(list, tensors(a), tensors(b), factor); });
}

tb_status tb_list_move(tb_list x, tb_list goals, double share) {
  return change(x, [&](auto list) { at::_foreach_lerp_(list, tensors(goals), share); });
}

tb_status tb_list_divide(tb_list x, tb_list y) {
  return change(x, [&](auto list) { at::_foreach_div_(list, tensors(y)); });
}

tb_status tb_list_square_root(tb_list x) {
  return change(x, [&](auto list) { at::_foreach_sqrt_(list); });
}

tb_status tb_list_sign(tb_list x) {
  return change(x, [&](auto list) { at::_foreach_sign_(list); });
}

tb_status tb_list_copy(tb_list x, tb_list y) {
  return change(x, [&](auto list) { at::_foreach_copy_(list, tensors(y)); });
}

tb_status tb_list_clone(tb_list x, tb_tensor **results) {
  return change(x, [&](auto list) {
    // Times one: new memory for all in one launch, and every bit as it was.
    auto copies = at::_foreach_mul(list, 1);
    for (size_t i = 0; i < copies.size(); ++i) results[i] = owned(copies[i]);
  });
}

tb_status tb_list_dot(tb_tensor **out, tb_list x, tb_list y) {
  return guard([&] {
    c10::NoGradGuard plain;
    auto first = tensors(x), second = tensors(y);
    if (first.empty() || first[0].is_cpu()) {
      double sum = 0;
      for (size_t i = 0; i < first.size(); ++i)
        sum += at::dot(first[i].flatten(), second[i].flatten()).item<double>();
      *out = owned(at::full({}, sum, at::kDouble));
      return;
    }
    auto products = at::_foreach_mul(first, second);
    for (auto &product : products) product = product.flatten();
    *out = owned(at::cat(products).sum(at::kDouble));
  });
}

tb_status tb_list_absolute_sum(tb_tensor **out, tb_list x) {
  return guard([&] {
    c10::NoGradGuard plain;
    auto list = tensors(x);
    if (list.empty() || list[0].is_cpu()) {
      double sum = 0;
      for (auto &tensor : list) sum += tensor.abs().sum().item<double>();
      *out = owned(at::full({}, sum, at::kDouble));
      return;
    }
    *out = owned(at::stack(at::_foreach_norm(list, 1)).sum(at::kDouble));
  });
}
}

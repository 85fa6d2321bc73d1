// Gradients of one recorded segment, and the optimizer's fused step.
#include "Guard.h"

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

extern "C" {

bool tb_record_gradients(bool on) {
  bool before = c10::GradMode::is_enabled();
  c10::GradMode::set_enabled(on);
  return before;
}

tb_status tb_gradients(tb_list outputs, tb_list seeds, tb_list inputs, tb_tensor **results) {
  return guard([&] {
    auto gradients = torch::autograd::grad(tensors(outputs), tensors(inputs), tensors(seeds),
                                           /*retain_graph=*/false, /*create_graph=*/false,
                                           /*allow_unused=*/true);
    for (size_t i = 0; i < gradients.size(); ++i)
      results[i] = gradients[i].defined() ? owned(gradients[i]) : nullptr;
  });
}

tb_status tb_adam_step(tb_list parameters, tb_list gradients, tb_list means, tb_list squares,
                       int64_t step, double rate, double beta1, double beta2, double epsilon,
                       double decay, bool decoupled) {
  return guard([&] {
    c10::NoGradGuard plain;
    auto values = tensors(parameters);
    if (values.empty()) return;
    auto counter = at::full({}, static_cast<double>(step), values[0].options().dtype(at::kFloat));
    std::vector<at::Tensor> steps(values.size(), counter);
    auto fused = [&](auto call) {
      call(values, tensors(gradients), tensors(means), tensors(squares), at::TensorList{}, steps,
           rate, beta1, beta2, decay, epsilon, /*amsgrad=*/false, /*maximize=*/false);
    };
    if (decoupled) {
      fused([](auto &&...all) { at::_fused_adamw_(all...); });
    } else {
      fused([](auto &&...all) { at::_fused_adam_(all...); });
    }
  });
}
}

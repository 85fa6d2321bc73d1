// Models that a user brings as TorchScript: loaded, and run without gradients.
#include "Guard.h"

#include <c10/core/GradMode.h>
#include <torch/script.h>

struct tb_script {
  torch::jit::Module module;
};

extern "C" {

tb_status tb_script_load(tb_script **out, const char *path) {
  return guard([&] {
    auto module = torch::jit::load(path, at::Device(at::kCPU));
    module.eval();
    *out = new tb_script{std::move(module)};
  });
}

void tb_script_free(tb_script *script) { delete script; }

tb_status tb_script_forward(tb_tensor **out, tb_script *script, const tb_tensor *x) {
  return guard([&] {
    c10::NoGradGuard plain;
    auto result = script->module.forward({x->value});
    TORCH_CHECK(result.isTensor(), "forward gives ", result.tagKind(), " and not one tensor");
    *out = owned(result.toTensor());
  });
}

}

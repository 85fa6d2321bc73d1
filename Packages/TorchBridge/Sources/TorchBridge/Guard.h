// What every file of the bridge shares: the owning box, and the one place where exceptions end.
#pragma once

#include "TorchBridge.h"

#include <ATen/ATen.h>
#include <atomic>
#include <string>
#include <vector>

inline std::atomic<int64_t> liveTensors{0};

struct tb_tensor {
  at::Tensor value;
  explicit tb_tensor(at::Tensor tensor) : value(std::move(tensor)) { ++liveTensors; }
  ~tb_tensor() { --liveTensors; }
};

struct tb_generator {
  at::Generator value;
};

std::string &lastError();

// No exception may unwind into Swift.
template <typename Body> tb_status guard(Body &&body) noexcept {
  try {
    body();
    return TB_OK;
  } catch (const c10::OutOfMemoryError &error) {
    lastError() = error.what_without_backtrace();
    return TB_OUT_OF_MEMORY;
  } catch (const c10::Error &error) {
    lastError() = error.what_without_backtrace();
    // The CPU allocator reports exhaustion as a plain error of its own.
    return lastError().find("DefaultCPUAllocator") != std::string::npos ? TB_OUT_OF_MEMORY : TB_ERROR;
  } catch (const std::bad_alloc &error) {
    lastError() = error.what();
    return TB_OUT_OF_MEMORY;
  } catch (const std::exception &error) {
    lastError() = error.what();
    return TB_ERROR;
  } catch (...) {
    lastError() = "unknown C++ exception";
    return TB_ERROR;
  }
}

inline tb_tensor *owned(at::Tensor tensor) { return new tb_tensor(std::move(tensor)); }

// Whether plain loops over floats can read it.
inline bool isPlainFloat(const at::Tensor &x) {
  return x.device().is_cpu() && x.scalar_type() == at::kFloat && x.is_contiguous();
}

inline at::IntArrayRef dims(tb_dims list) { return {list.values, list.count}; }

inline std::optional<at::Tensor> optional(const tb_tensor *tensor) {
  return tensor ? std::optional(tensor->value) : std::nullopt;
}

inline std::vector<at::Tensor> tensors(tb_list list) {
  std::vector<at::Tensor> result;
  result.reserve(list.count);
  for (size_t i = 0; i < list.count; ++i) result.push_back(list.values[i]->value);
  return result;
}

at::ScalarType scalarType(tb_dtype type);

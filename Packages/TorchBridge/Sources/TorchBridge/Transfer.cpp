// Weights that live in host memory and visit the device: copies on a stream of their own, ordered with the
// computation by events, one pair for each place that is filled again and again.
#include "Guard.h"

#include <c10/core/Event.h>
#include <c10/core/GradMode.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <cstdlib>

struct tb_transfer {
  c10::impl::VirtualGuardImpl device;
  at::Device place;
  c10::Stream side;
  std::vector<c10::Event> copied;
  std::vector<c10::Event> left;

  tb_transfer(at::Device where, size_t slots)
      : device(where.type()), place(where), side(device.getStreamFromGlobalPool(where)) {
    for (size_t i = 0; i < slots; ++i) {
      copied.emplace_back(where.type());
      left.emplace_back(where.type());
    }
  }
};

static at::Device whole(const char *name) {
  at::Device place(name);
  return place.has_index() || place.is_cpu() ? place : at::Device(place.type(), 0);
}

extern "C" {

tb_status tb_transfer_create(tb_transfer **out, const char *device, size_t slots) {
  return guard([&] {
    auto place = whole(device);
    *out = place.is_cpu() ? nullptr : new tb_transfer(place, slots);
  });
}

void tb_transfer_free(tb_transfer *transfer) {
  if (!transfer) return;
  guard([&] { transfer->device.synchronizeDevice(transfer->place.index()); });
  delete transfer;
}

tb_status tb_transfer_fetch(tb_transfer *transfer, size_t slot, tb_list targets, tb_list sources) {
  return guard([&] {
    c10::NoGradGuard plain;
    c10::OptionalStreamGuard ahead;
    if (transfer) {
      ahead.reset_stream(transfer->side);
      transfer->left.at(slot).block(transfer->side);
    }
    for (size_t i = 0; i < targets.count; ++i) {
      at::Tensor target = targets.values[i]->value;
      target.copy_(sources.values[i]->value, /*non_blocking=*/true);
    }
    if (transfer) transfer->copied.at(slot).record(transfer->side);
  });
}

tb_status tb_transfer_wait(tb_transfer *transfer, size_t slot) {
  return guard([&] {
    if (transfer) transfer->copied.at(slot).block(transfer->device.getStream(transfer->place));
  });
}

tb_status tb_transfer_leave(tb_transfer *transfer, size_t slot) {
  return guard([&] {
    if (transfer) transfer->left.at(slot).record(transfer->device.getStream(transfer->place));
  });
}

tb_status tb_host_copy(tb_tensor **out, const tb_tensor *x, const char *device) {
  return guard([&] {
    c10::NoGradGuard plain;
    const auto &value = x->value;
    auto options = value.options().device(at::kCPU).requires_grad(false);
    at::Tensor copy;
    if (at::Device(device).is_cpu()) {
      // Beside the counted memory, as pinned memory is beside an accelerator's.
      auto count = std::max<size_t>(value.nbytes(), 1);
      void *block = std::malloc(count);
      TORCH_CHECK_WITH(OutOfMemoryError, block, "no host memory for ", count, " bytes");
      copy = at::from_blob(block, value.sizes(), [](void *bytes) { std::free(bytes); }, options);
    } else {
      copy = at::empty(value.sizes(), options.pinned_memory(true));
    }
    copy.copy_(value);
    *out = owned(copy);
  });
}

tb_status tb_set_data(tb_tensor *x, const tb_tensor *data) {
  return guard([&] { x->value.set_data(data->value); });
}

tb_status tb_view_bytes(tb_tensor **out, const tb_tensor *buffer, int64_t start, tb_dtype type,
                        tb_dims shape) {
  return guard([&] {
    auto kind = scalarType(type);
    int64_t count = static_cast<int64_t>(c10::elementSize(kind));
    for (auto size : dims(shape)) count *= size;
    *out = owned(buffer->value.narrow(0, start, count).view(kind).view(dims(shape)));
  });
}
}

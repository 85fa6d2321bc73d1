// Float32 to bfloat16, up or down by chance, so that the mean of many roundings is the number itself.
#include "Guard.h"

#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

// Pieces keep what is needed on the way small beside a whole matrix.
static constexpr int64_t pieceSize = 1 << 22;

static at::Generator generator(at::Device device, uint64_t seed) {
  if (device.is_cpu()) return at::detail::createCPUGenerator(seed);
  // A copy: nothing else that draws on the device may notice.
  auto made = at::globalContext().defaultGenerator(device).clone();
  made.set_current_seed(seed);
  return made;
}

tb_status tb_copy_rounding(tb_tensor *target, const tb_tensor *source, uint64_t seed) {
  return guard([&] {
    at::NoGradGuard noRecord;
    auto numbers = source->value.reshape(-1);
    auto rounded = target->value.detach().view(-1);
    TORCH_CHECK(numbers.scalar_type() == at::kFloat && rounded.scalar_type() == at::kBFloat16,
                "rounds float32 to bfloat16");
    TORCH_CHECK(numbers.numel() == rounded.numel(), "sizes differ");
    auto random = generator(rounded.device(), seed);
    for (int64_t start = 0; start < numbers.numel(); start += pieceSize) {
      auto count = std::min(pieceSize, numbers.numel() - start);
      auto exact = numbers.narrow(0, start, count);
      // bfloat16 is the upper half of float32: what is added to the lower half carries by chance.
      auto bits = at::empty({count}, exact.options().dtype(at::kInt));
      bits.random_(0, 1 << 16, random);
      bits.add_(exact.view(at::kInt)).bitwise_and_(static_cast<int32_t>(0xFFFF0000));
      auto up = bits.view(at::kFloat);
      rounded.narrow(0, start, count).copy_(at::where(exact.isfinite(), up, exact));
    }
  });
}

// Convolutions of frames into few channels: LibTorch's own are slow below sixteen.
#include "FewChannels.h"

#include "Parallel.h"
#include "Wide.h"
#include <c10/core/GradMode.h>
#include <vector>

namespace {
constexpr int64_t kernel = 3, taps = kernel * kernel * kernel;
constexpr int64_t pixelsAtOnce = 8; // whose sums stay in registers

// Adds weights [I, 16] times the channels of `count` neighbouring pixels to their sums.
template <int64_t count>
INLINE void addTap(const float *x, const float *weights, int64_t inputs, Lanes *sums) {
  for (int64_t i = 0; i < inputs; ++i) {
    Lanes w = lanes(weights + i * laneCount);
    for (int64_t p = 0; p < count; ++p) sums[p] += w * x[p * inputs + i];
  }
}

struct Picture {
  int64_t rows, columns, inputs, outputs;
};

// One row of the result; x is the first of the three frames, weights [3, 3, 3, I, 16].
WIDE void convolveRow(const float *x, const float *weights, const float *bias, float *y, int64_t row,
                      const Picture &of) {
  int64_t line = of.columns * of.inputs, frame = of.rows * line;
  for (int64_t column = 0; column < of.columns;) {
    bool isInside = column > 0 && column + pixelsAtOnce < of.columns;
    int64_t count = isInside ? pixelsAtOnce : 1;
    Lanes sums[pixelsAtOnce];
    for (auto &sum : sums) sum = lanes(bias);
    for (int64_t tap = 0; tap < taps; ++tap) {
      int64_t down = row + tap / kernel % kernel - 1, across = column + tap % kernel - 1;
      if (down < 0 || down >= of.rows || across < 0 || across >= of.columns) continue;
      const float *from = x + tap / (kernel * kernel) * frame + down * line + across * of.inputs;
      const float *w = weights + tap * of.inputs * laneCount;
      if (isInside) addTap<pixelsAtOnce>(from, w, of.inputs, sums);
      else addTap<1>(from, w, of.inputs, sums);
    }
    for (int64_t p = 0; p < count; ++p)
      for (int64_t c = 0; c < of.outputs; ++c) y[(column + p) * of.outputs + c] = sums[p][c];
    column += count;
  }
}

// [O, I, 3, 3, 3] as [3, 3, 3, I, 16]
at::Tensor spread(const at::Tensor &weight) {
  auto result = at::zeros({kernel, kernel, kernel, weight.size(1), laneCount}, at::kFloat);
  result.narrow(4, 0, weight.size(0)).copy_(weight.permute({2, 3, 4, 1, 0}));
  return result;
}
} // namespace

bool isConvolutionIntoFew(const at::Tensor &x, const at::Tensor &weight, at::IntArrayRef stride,
                          at::IntArrayRef padding, at::IntArrayRef dilation, int64_t groups) {
  auto isOne = [](int64_t value) { return value == 1; };
  return x.dim() == 5 && x.device().is_cpu() && x.scalar_type() == at::kFloat &&
         weight.scalar_type() == at::kFloat && weight.size(0) < laneCount && groups == 1 &&
         weight.sizes().slice(2).equals({kernel, kernel, kernel}) && padding.equals({0, 1, 1}) &&
         std::all_of(stride.begin(), stride.end(), isOne) &&
         std::all_of(dilation.begin(), dilation.end(), isOne) && x.size(2) >= kernel &&
         weight.size(1) == x.size(1) && x.is_contiguous(at::MemoryFormat::ChannelsLast3d) &&
         !(c10::GradMode::is_enabled() && (x.requires_grad() || weight.requires_grad()));
}

at::Tensor convolveIntoFew(const at::Tensor &x, const at::Tensor &weight, const std::optional<at::Tensor> &bias) {
  Picture of{x.size(3), x.size(4), x.size(1), weight.size(0)};
  int64_t frames = x.size(2) - kernel + 1, all = x.size(0) * frames * of.rows;
  auto weights = spread(weight), biases = at::zeros({laneCount}, at::kFloat);
  if (bias) biases.narrow(0, 0, of.outputs).copy_(*bias);
  auto y = at::empty({x.size(0), of.outputs, frames, of.rows, of.columns},
                     x.options().memory_format(at::MemoryFormat::ChannelsLast3d));
  auto *from = x.const_data_ptr<float>(), *w = weights.const_data_ptr<float>();
  auto *b = biases.const_data_ptr<float>();
  auto *to = y.mutable_data_ptr<float>();
  parallelFor(0, all, 1, [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line) {
      int64_t frame = line / of.rows, item = frame / frames;
      const float *first = from + (frame + item * (kernel - 1)) * of.rows * of.columns * of.inputs;
      convolveRow(first, w, b, to + line * of.columns * of.outputs, line % of.rows, of);
    }
  });
  return y;
}

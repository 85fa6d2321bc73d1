// Steps of a video encoder, each in one pass over frames whose pixels hold their channels side by side
// (channels_last_3d): the layout in which convolutions of few channels are fastest on a CPU.
#include "Guard.h"

#include "Parallel.h"
#include "Wide.h"
#include <array>
#include <c10/core/GradMode.h>
#include <cmath>

namespace {
constexpr auto sideBySide = at::MemoryFormat::ChannelsLast3d;
constexpr int64_t pixelsAtOnce = 64; // stay in the nearest cache between two loops

bool needsGradient(const at::Tensor &x) { return c10::GradMode::is_enabled() && x.requires_grad(); }

bool isSideBySide(const at::Tensor &x) {
  return x.dim() == 5 && x.device().is_cpu() && x.scalar_type() == at::kFloat &&
         x.is_contiguous(sideBySide) && !needsGradient(x);
}

at::Tensor frames(const at::Tensor &like, int64_t channels, int64_t count, int64_t rows, int64_t columns) {
  return at::empty({like.size(0), channels, count, rows, columns},
                   at::TensorOptions(like.device()).dtype(at::kFloat).memory_format(sideBySide));
}

// y = silu(x / √(mean x² + ε)), the mean over the channels of a pixel
WIDE void activate(const float *x, float *y, int64_t pixels, int64_t width, float epsilon) {
  for (int64_t p = 0; p < pixels; ++p) {
    const float *from = x + p * width;
    float r = 1 / std::sqrt(innerProduct(from, from, width) / width + epsilon);
    for (int64_t c = 0; c < width; ++c) y[p * width + c] = from[c] * r;
  }
  int64_t count = pixels * width, i = 0;
  for (; i + laneCount <= count; i += laneCount) {
    Lanes values = lanes(y + i), s = -values;
    exponential(s);
    lanes(y + i) = values / (s + 1);
  }
  for (; i < count; ++i) y[i] /= 1 + std::exp(-y[i]);
}

void activateAll(const float *x, float *y, int64_t pixels, int64_t width, double epsilon) {
  parallelFor(0, (pixels + pixelsAtOnce - 1) / pixelsAtOnce, 4, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      int64_t from = block * pixelsAtOnce, count = std::min(pixelsAtOnce, pixels - from);
      activate(x + from * width, y + from * width, count, width, static_cast<float>(epsilon));
    }
  });
}

at::Tensor activatedInOnePass(const at::Tensor &x, const std::optional<at::Tensor> &before, int64_t lead,
                              double epsilon) {
  int64_t width = x.size(1), frame = x.size(3) * x.size(4) * width;
  auto y = frames(x, width, x.size(2) + lead, x.size(3), x.size(4));
  for (int64_t item = 0; item < x.size(0); ++item) {
    const float *from = x.const_data_ptr<float>() + item * x.size(2) * frame;
    float *to = y.mutable_data_ptr<float>() + item * y.size(2) * frame, *rest = to + lead * frame;
    activateAll(from, rest, x.size(2) * frame / width, width, epsilon);
    for (int64_t t = 0; t < lead; ++t) {
      const float *source = before ? before->const_data_ptr<float>() + (item * lead + t) * frame : rest;
      std::memcpy(to + t * frame, source, frame * sizeof(float));
    }
  }
  return y;
}

at::Tensor activated(const at::Tensor &x, const std::optional<at::Tensor> &before, int64_t lead,
                     double epsilon) {
  auto y = at::silu(x * (x * x).mean(1, true).add(epsilon).rsqrt());
  std::vector<at::Tensor> parts;
  if (before) parts.push_back(*before);
  else parts.assign(lead, y.narrow(2, 0, 1));
  parts.push_back(y);
  return at::cat(parts, 2);
}

struct Shrinking {
  int64_t time, space;
  int64_t parts() const { return time * space * space; }

  // [B, C, T·t, H·s, W·s] to [B, C·t·s·s, T, H, W]; the channel is the slow index
  at::Tensor toDepth(const at::Tensor &x) const {
    int64_t f = x.size(2) / time, r = x.size(3) / space, w = x.size(4) / space;
    return x.reshape({x.size(0), x.size(1), f, time, r, space, w, space})
        .permute({0, 1, 3, 5, 7, 2, 4, 6})
        .reshape({x.size(0), x.size(1) * parts(), f, r, w});
  }

  at::Tensor composed(const at::Tensor &main, const at::Tensor &beside) const {
    auto deep = toDepth(main), mean = toDepth(beside);
    mean = mean.reshape({deep.size(0), deep.size(1), -1, deep.size(2), deep.size(3), deep.size(4)});
    return deep + mean.mean(2);
  }

  // One pixel of the result; the places are those of the pixels that it is made of, from the first.
  void pixel(const float *main, const float *beside, float *out, const int64_t *places, int64_t channels,
             int64_t besideChannels) const {
    int64_t count = parts(), group = besideChannels / channels, next = 0, left = group;
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t q = 0; q < count; ++q) out[c * count + q] = main[places[q] * channels + c];
    float sum = 0;
    for (int64_t c = 0; c < besideChannels; ++c)
      for (int64_t q = 0; q < count; ++q) {
        sum += beside[places[q] * besideChannels + c];
        if (--left) continue;
        out[next++] += sum / group;
        sum = 0;
        left = group;
      }
  }

  at::Tensor inOnePass(const at::Tensor &main, const at::Tensor &beside) const {
    int64_t channels = main.size(1), other = beside.size(1), rows = main.size(3), columns = main.size(4);
    int64_t across = columns / space, down = rows / space, all = main.size(0) * (main.size(2) / time) * down;
    auto result = frames(main, channels * parts(), main.size(2) / time, down, across);
    std::vector<int64_t> places;
    for (int64_t t = 0; t < time; ++t)
      for (int64_t y = 0; y < space; ++y)
        for (int64_t x = 0; x < space; ++x) places.push_back((t * rows + y) * columns + x);
    auto *from = main.const_data_ptr<float>(), *with = beside.const_data_ptr<float>();
    auto *to = result.mutable_data_ptr<float>();
    parallelFor(0, all, 1, [&](int64_t begin, int64_t end) {
      for (int64_t line = begin; line < end; ++line) {
        int64_t first = (line / down * time * rows + line % down * space) * columns;
        for (int64_t x = 0; x < across; ++x, first += space)
          pixel(from + first * channels, with + first * other, to + (line * across + x) * channels * parts(),
                places.data(), channels, other);
      }
    });
    return result;
  }
};

// Floats in -1...1, or bytes 0...255 that are brought there.
at::Tensor scaled(const at::Tensor &x) {
  return x.scalar_type() == at::kByte ? x.to(at::kFloat).div(127.5).sub(1) : x;
}

struct Patches {
  int64_t side;

  // [B, C, T, H·p, W·p] to [B, C·p·p, T, H, W]; a patch's column is slower than its row
  at::Tensor composed(const at::Tensor &x) const {
    int64_t rows = x.size(3) / side, columns = x.size(4) / side;
    auto y = scaled(x)
                 .reshape({x.size(0), x.size(1), x.size(2), rows, side, columns, side})
                 .permute({0, 1, 6, 4, 2, 3, 5})
                 .reshape({x.size(0), x.size(1) * side * side, x.size(2), rows, columns});
    return y.device().is_cpu() ? y.contiguous(sideBySide) : y;
  }

  // Of bytes with the channels side by side.
  at::Tensor inOnePass(const at::Tensor &x) const {
    int64_t channels = x.size(1), rows = x.size(3) / side, columns = x.size(4) / side;
    std::array<float, 256> values;
    for (int i = 0; i < 256; ++i) values[i] = i / 127.5f - 1;
    auto result = frames(x, channels * side * side, x.size(2), rows, columns);
    auto *from = x.const_data_ptr<uint8_t>();
    auto *to = result.mutable_data_ptr<float>();
    int64_t line = x.size(4) * channels, all = x.size(0) * x.size(2) * rows;
    parallelFor(0, all, 1, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row)
        for (int64_t column = 0; column < columns; ++column) {
          const uint8_t *first = from + row * side * line + column * side * channels;
          float *out = to + (row * columns + column) * channels * side * side;
          for (int64_t c = 0; c < channels; ++c)
            for (int64_t x = 0; x < side; ++x)
              for (int64_t y = 0; y < side; ++y) *out++ = values[first[y * line + x * channels + c]];
        }
    });
    return result;
  }

  bool fits(const at::Tensor &x) const {
    return x.device().is_cpu() && x.scalar_type() == at::kByte && x.is_contiguous(sideBySide);
  }
};
} // namespace

extern "C" {

tb_status tb_picture_patches(tb_tensor **out, const tb_tensor *x, int64_t side) {
  return guard([&] {
    Patches patches{side};
    *out = owned(patches.fits(x->value) ? patches.inOnePass(x->value) : patches.composed(x->value));
  });
}

tb_status tb_activated_frames(tb_tensor **out, const tb_tensor *x, const tb_tensor *before, int64_t lead,
                              double epsilon) {
  return guard([&] {
    auto earlier = optional(before);
    bool isFused = isSideBySide(x->value) && (!earlier || isSideBySide(*earlier));
    *out = owned(isFused ? activatedInOnePass(x->value, earlier, lead, epsilon)
                         : activated(x->value, earlier, lead, epsilon));
  });
}

tb_status tb_shrunk_frames(tb_tensor **out, const tb_tensor *main, const tb_tensor *beside, int64_t time,
                           int64_t space) {
  return guard([&] {
    Shrinking shrinking{time, space};
    bool isFused = isSideBySide(main->value) && isSideBySide(beside->value);
    *out = owned(isFused ? shrinking.inOnePass(main->value, beside->value)
                         : shrinking.composed(main->value, beside->value));
  });
}

tb_status tb_channels_side_by_side(tb_tensor **out, const tb_tensor *x) {
  return guard([&] {
    *out = owned(x->value.device().is_cpu() ? x->value.contiguous(sideBySide) : x->value);
  });
}
}

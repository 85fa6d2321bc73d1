// Lists of tensors in 8 bits: blocks of 256 values share a scale, a byte names a value of a map.
// On the CPU in one pass; elsewhere of ATen's operations, with the same results.
#include "Guard.h"

#include "Parallel.h"
#include <algorithm>
#include <array>
#include <c10/core/GradMode.h>
#include <cmath>
#include <cstring>
#include <map>
#include <mutex>

static constexpr int64_t blockSize = 256;

static int64_t blockCount(const at::Tensor &values) {
  return (values.numel() + blockSize - 1) / blockSize;
}

namespace {
// The nearest code of a number in -1...1: a first guess from its leading 16 bits, then upwards.
struct NearestCode {
  std::array<float, 255> bounds;  // bounds[i]: above it, code i + 1 is nearer than code i
  std::vector<uint8_t> guesses;

  explicit NearestCode(const float *map) : guesses(1 << 16) {
    for (size_t i = 0; i < bounds.size(); ++i) bounds[i] = (map[i] + map[i + 1]) / 2;
    for (uint32_t lead = 0; lead < guesses.size(); ++lead) {
      // The lowest number with these leading bits; a negative one is lower the more bits are set.
      uint32_t bits = (lead << 16) | (lead & 0x8000 ? 0xFFFF : 0);
      float lowest;
      std::memcpy(&lowest, &bits, sizeof lowest);
      guesses[lead] = std::isnan(lowest) ? 0 : code(lowest);
    }
  }

  uint8_t code(float value) const {
    return std::lower_bound(bounds.begin(), bounds.end(), value) - bounds.begin();
  }

  uint8_t operator()(float value) const {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    uint32_t code = guesses[bits >> 16];
    while (code < 255 && value > bounds[code]) ++code;
    return code;
  }
};
}

// The search tables of the maps that were used: there are two in a process.
static const NearestCode &nearestCode(const at::Tensor &map) {
  static std::mutex lock;
  static std::map<std::vector<float>, NearestCode> known;
  auto *numbers = map.const_data_ptr<float>();
  std::vector<float> key(numbers, numbers + map.numel());
  std::lock_guard<std::mutex> alone(lock);
  return known.try_emplace(key, numbers).first->second;
}

static void readBlocks(const at::Tensor &codes, const at::Tensor &scales, const float *map,
                       at::Tensor &values) {
  auto *from = codes.const_data_ptr<uint8_t>();
  auto *scale = scales.const_data_ptr<float>();
  auto *to = values.mutable_data_ptr<float>();
  int64_t count = values.numel();
  parallelFor(0, blockCount(values), 32, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block)
      for (int64_t i = block * blockSize; i < std::min(count, (block + 1) * blockSize); ++i)
        to[i] = map[from[i]] * scale[block];
  });
}

static void writeBlocks(const at::Tensor &values, const NearestCode &nearest, at::Tensor &codes,
                        at::Tensor &scales) {
  auto *from = values.const_data_ptr<float>();
  auto *to = codes.mutable_data_ptr<uint8_t>();
  auto *scale = scales.mutable_data_ptr<float>();
  int64_t count = values.numel();
  parallelFor(0, blockCount(values), 32, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      int64_t first = block * blockSize, last = std::min(count, first + blockSize);
      float largest = 0;
      for (int64_t i = first; i < last; ++i) largest = std::max(largest, std::abs(from[i]));
      scale[block] = largest;
      float divisor = largest > 0 ? largest : 1;
      for (int64_t i = first; i < last; ++i) to[i] = nearest(from[i] / divisor);
    }
  });
}

static std::vector<int64_t> blockCounts(const std::vector<at::Tensor> &list) {
  std::vector<int64_t> counts;
  for (auto &tensor : list) counts.push_back(blockCount(tensor));
  return counts;
}

static std::vector<at::Tensor> readComposed(const std::vector<at::Tensor> &codes,
                                            const std::vector<at::Tensor> &scales,
                                            const std::vector<at::Tensor> &shapes,
                                            const at::Tensor &map) {
  auto all = at::cat(codes);  // [blocks, 256]
  auto values = map.index_select(0, all.flatten().to(at::kInt)).view(all.sizes());
  auto parts = values.mul_(at::cat(scales).unsqueeze(1)).split_with_sizes(blockCounts(shapes));
  for (size_t i = 0; i < parts.size(); ++i)
    parts[i] = parts[i].flatten().narrow(0, 0, shapes[i].numel()).view(shapes[i].sizes());
  return parts;
}

static void writeComposed(const std::vector<at::Tensor> &values, std::vector<at::Tensor> codes,
                          std::vector<at::Tensor> scales, const at::Tensor &map) {
  std::vector<at::Tensor> rows;
  for (auto &value : values) {
    int64_t rest = blockCount(value) * blockSize - value.numel();
    auto flat = value.flatten();
    rows.push_back((rest ? at::constant_pad_nd(flat, {0, rest}) : flat).view({-1, blockSize}));
  }
  auto all = at::cat(rows);
  auto largest = all.abs().amax(1);
  auto shares = all.div_(largest.masked_fill(largest == 0, 1).unsqueeze(1));
  auto bounds = (map.narrow(0, 0, 255) + map.narrow(0, 1, 255)).div_(2);
  auto found = at::bucketize(shares, bounds, /*out_int32=*/true).to(at::kByte);
  auto counts = blockCounts(values);
  at::_foreach_copy_(codes, found.split_with_sizes(counts));
  at::_foreach_copy_(scales, largest.split_with_sizes(counts));
}

extern "C" {

tb_status tb_read_blocks(tb_list codes, tb_list scales, tb_list shapes, const tb_tensor *map,
                         bool composed, tb_tensor **results) {
  return guard([&] {
    c10::NoGradGuard plain;
    auto from = tensors(codes), factors = tensors(scales), like = tensors(shapes);
    if (from.empty()) return;
    std::vector<at::Tensor> values;
    if (composed || !map->value.is_cpu()) {
      values = readComposed(from, factors, like, map->value);
    } else {
      for (size_t i = 0; i < from.size(); ++i) {
        values.push_back(at::empty(like[i].sizes(), factors[i].options()));
        readBlocks(from[i], factors[i], map->value.const_data_ptr<float>(), values[i]);
      }
    }
    for (size_t i = 0; i < values.size(); ++i) results[i] = owned(values[i]);
  });
}

tb_status tb_write_blocks(tb_list values, tb_list codes, tb_list scales, const tb_tensor *map,
                          bool composed) {
  return guard([&] {
    c10::NoGradGuard plain;
    auto from = tensors(values), to = tensors(codes), factors = tensors(scales);
    if (from.empty()) return;
    if (composed || !map->value.is_cpu()) return writeComposed(from, to, factors, map->value);
    const NearestCode &nearest = nearestCode(map->value);
    for (size_t i = 0; i < from.size(); ++i)
      writeBlocks(from[i].contiguous(), nearest, to[i], factors[i]);
  });
}
}

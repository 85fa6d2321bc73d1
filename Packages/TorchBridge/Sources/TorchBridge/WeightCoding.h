// Codes of frozen matrices: what coding gives and what it shares with decoding.
#pragma once

#include "Guard.h"

constexpr int64_t groupSize = 64;
constexpr double float8Limit = 448;
constexpr double int8Limit = 127;

// The 16 values of NF4: quantiles of a normal distribution within ±1 ("QLoRA", Dettmers et al., 2023).
constexpr float normalQuantiles[16] = {
    -1.0f,                -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f,
    -0.28444138169288635f, -0.18477343022823334f, -0.09105003625154495f, 0.0f,
    0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
    0.44070982933044434f, 0.5626170039176941f,  0.7229568362236023f,  1.0f};

struct Coded {
  at::Tensor codes, scale, zero; // zero is undefined where the form has none
};

inline bool isGrouped(tb_weight_form form) {
  return form == TB_INT4_GROUPS || form == TB_NF4_BLOCKS;
}

// Elements that are worked on together: enough for a device, not more than a cache on the CPU.
inline int64_t elementsAtOnce(const at::Tensor &x) { return x.is_cpu() ? 1 << 18 : 1 << 24; }

// Codes of a matrix in row-major order, by the way that its device and type allow.
Coded coded(tb_weight_form form, const at::Tensor &matrix);

// Whether one pass over the matrix can code it, and that pass: the same codes, scales and zero points as
// ATen's operations give.
bool canCodeInOnePass(tb_weight_form form, const at::Tensor &matrix);
Coded codedInOnePass(tb_weight_form form, const at::Tensor &matrix);

// y = x ∘ factor + bias for rows of x [T, C], and its way back.
#pragma once

#include "Guard.h"

// The factor stays in its own type, float32, whatever that of x: a magnitude moves in steps that bfloat16
// cannot tell from 1.
at::Tensor scaledRows(const at::Tensor &x, const at::Tensor &factor,
                      const std::optional<at::Tensor> &bias);

struct RowGradients {
  at::Tensor toX, toFactor;
};

// g ∘ factor and the sums of g ∘ x over all rows, [T, C] each.
RowGradients rowGradients(const at::Tensor &g, const at::Tensor &x, const at::Tensor &factor);

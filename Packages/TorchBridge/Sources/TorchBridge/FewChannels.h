// 3×3×3 convolutions into fewer than sixteen channels, of frames whose pixels hold their channels side by side.
#pragma once

#include <ATen/ATen.h>

bool isConvolutionIntoFew(const at::Tensor &x, const at::Tensor &weight, at::IntArrayRef stride,
                          at::IntArrayRef padding, at::IntArrayRef dilation, int64_t groups);

// The frames are two fewer, rows and columns as many.
at::Tensor convolveIntoFew(const at::Tensor &x, const at::Tensor &weight, const std::optional<at::Tensor> &bias);

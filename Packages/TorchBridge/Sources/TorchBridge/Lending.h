// Tensors whose memory is a mapped file's.
#pragma once

#include <ATen/ATen.h>

// Whether a tensor lies in memory that `tb_lend_bytes` was given.
bool isLent(const at::Tensor &x);

// Lets the system take whole pages of lent memory back; touching them again reads the file again.
void giveBack(const char *begin, const char *end);

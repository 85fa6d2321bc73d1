// Decompositions and equations of small matrices; float32 and float64, with leading batch axes.
#include "Guard.h"

extern "C" {

tb_status tb_linalg_svd(tb_tensor **u, tb_tensor **s, tb_tensor **vh, const tb_tensor *matrix) {
  return guard([&] {
    auto [left, values, right] = at::linalg_svd(matrix->value, false);
    *u = owned(left), *s = owned(values), *vh = owned(right);
  });
}

tb_status tb_linalg_qr(tb_tensor **q, tb_tensor **r, const tb_tensor *matrix) {
  return guard([&] {
    auto [orthogonal, triangular] = at::linalg_qr(matrix->value, "reduced");
    *q = owned(orthogonal), *r = owned(triangular);
  });
}

tb_status tb_linalg_eigh(tb_tensor **values, tb_tensor **vectors, const tb_tensor *matrix) {
  return guard([&] {
    auto [ascending, columns] = at::linalg_eigh(matrix->value, "L");
    *values = owned(ascending), *vectors = owned(columns);
  });
}

tb_status tb_linalg_cholesky(tb_tensor **out, const tb_tensor *matrix) {
  return guard([&] { *out = owned(at::linalg_cholesky(matrix->value)); });
}

tb_status tb_linalg_solve(tb_tensor **out, const tb_tensor *matrix, const tb_tensor *right) {
  return guard([&] { *out = owned(at::linalg_solve(matrix->value, right->value)); });
}

tb_status tb_linalg_solve_triangular(tb_tensor **out, const tb_tensor *matrix,
                                     const tb_tensor *right, bool is_upper) {
  return guard([&] {
    *out = owned(at::linalg_solve_triangular(matrix->value, right->value, is_upper));
  });
}

} // extern "C"

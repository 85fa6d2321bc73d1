// Codes of a matrix in the CPU's memory: each row, or group of 64 elements, is read once and coded while it
// is in the cache. All threads take part, also in bringing a file's pages in and in making room for codes.
#include "CodeForms.h"

#include "LargePages.h"
#include "Lending.h"
#include "Parallel.h"

namespace {
template <typename Form, typename T> INLINE void codeRow(const Job &job, const T *x, int64_t row) {
  float scale = nonZero(largestMagnitude(x, job.unit) / Form::limit);
  static_cast<float *>(job.scale)[row] = scale;
  auto *codes = job.codes + row * job.unit;
  for (int64_t i = 0; i < job.unit; i += laneCount) {
    Lanes level;
    take(x + i, job.unit - i, level);
    level /= scale;
    Integers coded;
    Form::code(level, coded);
    put(codes + i, coded, job.unit - i);
  }
}

template <typename Form, typename T> INLINE void codeGroup(const Job &job, const T *x, int64_t group) {
  Lanes parts[partCount];
  int64_t left = job.elements - group * groupSize;
  for (int64_t i = 0; i < partCount; ++i)
    take(x + i * laneCount, left - i * laneCount, parts[i]);
  Form::code(job, parts, group);
}

template <typename T> INLINE void codeUnits(const Job &job, int64_t begin, int64_t end) {
  auto *x = static_cast<const T *>(job.matrix);
  for (int64_t i = begin; i < end; ++i) {
    switch (job.form) {
    case TB_FLOAT8_ROWS: codeRow<Float8>(job, x + i * job.unit, i); break;
    case TB_INT8_ROWS: codeRow<Int8>(job, x + i * job.unit, i); break;
    case TB_INT4_GROUPS: codeGroup<Int4>(job, x + i * job.unit, i); break;
    case TB_NF4_BLOCKS: codeGroup<NF4>(job, x + i * job.unit, i); break;
    case TB_ROTATED_INT8_ROWS: break; // such files are read, none are made
    }
  }
}

WIDE void codeAny(const Job &job, int64_t begin, int64_t end) {
  job.isHalf ? codeUnits<uint16_t>(job, begin, end) : codeUnits<float>(job, begin, end);
}

// A file's pages go back as soon as they are read, so that never a whole matrix is there beside its codes.
void codePieces(const Job &job, const at::Tensor &matrix, int64_t begin, int64_t end) {
  if (!isLent(matrix)) return codeAny(job, begin, end);
  int64_t step = std::max<int64_t>(1, (1 << 20) / job.unit);
  int64_t width = job.unit * matrix.element_size(), size = matrix.nbytes();
  auto *bytes = static_cast<const char *>(job.matrix);
  for (int64_t start = begin; start < end; start += step) {
    int64_t stop = std::min(end, start + step);
    codeAny(job, start, stop);
    giveBack(bytes + start * width, bytes + std::min(size, stop * width));
  }
}

at::ScalarType codeType(tb_weight_form form) {
  if (form == TB_FLOAT8_ROWS) return at::kFloat8_e4m3fn;
  return form == TB_INT8_ROWS ? at::kChar : at::kByte;
}
} // namespace

bool canCodeInOnePass(tb_weight_form form, const at::Tensor &matrix) {
  auto type = matrix.scalar_type();
  return matrix.is_cpu() && matrix.is_contiguous() && matrix.numel() > 0
         && form != TB_ROTATED_INT8_ROWS && (type == at::kFloat || type == at::kBFloat16);
}

Coded codedInOnePass(tb_weight_form form, const at::Tensor &matrix) {
  int64_t unit = isGrouped(form) ? groupSize : matrix.size(1);
  int64_t count = (matrix.numel() + unit - 1) / unit;
  Coded whole;
  whole.codes = emptyInLargePages({count, isGrouped(form) ? unit / 2 : unit}, codeType(form));
  whole.scale = at::empty({count, 1}, form == TB_INT4_GROUPS ? at::kBFloat16 : at::kFloat);
  if (form == TB_INT4_GROUPS) whole.zero = at::empty({count, 1}, at::kByte);
  Job job{form, matrix.scalar_type() == at::kBFloat16, matrix.const_data_ptr(), matrix.numel(), unit,
          static_cast<uint8_t *>(whole.codes.mutable_data_ptr()),
          whole.zero.defined() ? whole.zero.mutable_data_ptr<uint8_t>() : nullptr,
          whole.scale.mutable_data_ptr()};
  int64_t grain = std::max<int64_t>(1, (1 << 16) / unit);
  parallelFor(0, count, grain,
              [&](int64_t begin, int64_t end) { codePieces(job, matrix, begin, end); });
  return whole;
}

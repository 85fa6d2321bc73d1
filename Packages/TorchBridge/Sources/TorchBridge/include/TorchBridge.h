// LibTorch as a C ABI: one function per operation that is called.
//
// Every operation returns a status; its result comes through `out`, owned by the caller (+1) when
// the status is TB_OK and untouched otherwise. `tb_last_error` tells what went wrong on this thread.
// Tensors that are passed in are borrowed. No C++ exception crosses this border.
#ifndef TORCH_BRIDGE_H
#define TORCH_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TB_EXPORT __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__clang__)
#pragma clang assume_nonnull begin
#elif !defined(_Nullable)
// Other compilers have no words for this; only Swift reads them.
#define _Nullable
#define _Nonnull
#endif

typedef struct tb_tensor tb_tensor;
typedef struct tb_generator tb_generator;
typedef struct tb_transfer tb_transfer;

typedef enum : int32_t { TB_OK = 0, TB_ERROR = 1, TB_OUT_OF_MEMORY = 2 } tb_status;

/// Element types, in an order of our own so that LibTorch's may change.
typedef enum : int32_t {
  TB_BOOL, TB_UINT8, TB_INT8, TB_INT16, TB_INT32, TB_INT64,
  TB_FLOAT16, TB_BFLOAT16, TB_FLOAT32, TB_FLOAT64, TB_FLOAT8_E4M3, TB_FLOAT8_E5M2,
  TB_UINT16, TB_UINT32, TB_UINT64,
  TB_UNKNOWN_TYPE
} tb_dtype;

typedef enum : int32_t { TB_PAD_CONSTANT, TB_PAD_REFLECT, TB_PAD_REPLICATE } tb_padding;

/// A list of dimensions.
typedef struct { const int64_t *_Nullable values; size_t count; } tb_dims;

/// A list of tensors.
typedef struct { const tb_tensor *_Nonnull const *_Nullable values; size_t count; } tb_list;

// -- Errors, versions, devices -------------------------------------------------------------------

TB_EXPORT const char *tb_last_error(void);
TB_EXPORT const char *tb_version(void);
TB_EXPORT int64_t tb_live_tensors(void);
TB_EXPORT int32_t tb_thread_count(void);
TB_EXPORT void tb_set_thread_count(int32_t count);
/// How many devices of a kind ("cuda", "mps") can be used; 1 for "cpu".
TB_EXPORT int32_t tb_device_count(const char *kind);
/// Bytes that tensors hold on a device: now, and the highest since the reset.
TB_EXPORT tb_status tb_device_memory(const char *device, int64_t *now, int64_t *peak);
TB_EXPORT tb_status tb_reset_peak_memory(const char *device);
TB_EXPORT tb_status tb_synchronize(const char *device);
TB_EXPORT tb_status tb_release_cached_memory(const char *device);
/// Bytes of the device in all, and those nobody uses; 0 for both where that is not known.
TB_EXPORT tb_status tb_device_size(const char *device, int64_t *total, int64_t *unused);
/// Lets tensors on the CPU hold so many bytes at most; 0 lifts the limit.
TB_EXPORT void tb_limit_cpu_memory(int64_t bytes);
/// Bytes of the largest piece of the CPU's memory that was asked for since its peak was reset.
TB_EXPORT int64_t tb_largest_cpu_allocation(void);

// -- Life of a tensor ----------------------------------------------------------------------------

TB_EXPORT void tb_free(tb_tensor *tensor);
TB_EXPORT size_t tb_dimension_count(const tb_tensor *tensor);
TB_EXPORT int64_t tb_dimension(const tb_tensor *tensor, size_t axis);
TB_EXPORT tb_dtype tb_type(const tb_tensor *tensor);
TB_EXPORT const char *tb_device(const tb_tensor *tensor);
TB_EXPORT bool tb_requires_gradient(const tb_tensor *tensor);
TB_EXPORT tb_status tb_set_requires_gradient(tb_tensor *tensor, bool on);
/// Copies all elements, in order, to `bytes`, which holds exactly `count` bytes.
TB_EXPORT tb_status tb_read(const tb_tensor *tensor, void *bytes, size_t count);
TB_EXPORT tb_status tb_item(const tb_tensor *tensor, double *value);

TB_EXPORT tb_status tb_from_bytes(tb_tensor *_Nullable *_Nonnull out, const void *_Nullable bytes,
                                  size_t count, tb_dtype type, tb_dims shape);
TB_EXPORT tb_status tb_full(tb_tensor *_Nullable *_Nonnull out, tb_dims shape, double value,
                            tb_dtype type, const char *device);
TB_EXPORT tb_status tb_arange(tb_tensor *_Nullable *_Nonnull out, double start, double end,
                              double step, tb_dtype type, const char *device);
TB_EXPORT tb_status tb_linspace(tb_tensor *_Nullable *_Nonnull out, double start, double end,
                                int64_t count, tb_dtype type, const char *device);
/// dtype TB_UNKNOWN_TYPE or device NULL keeps what the tensor has.
TB_EXPORT tb_status tb_to(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x, tb_dtype type,
                          const char *_Nullable device);
TB_EXPORT tb_status tb_contiguous(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x);
TB_EXPORT tb_status tb_clone(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x);
TB_EXPORT tb_status tb_detach(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x);

// -- Random numbers ------------------------------------------------------------------------------

TB_EXPORT tb_status tb_generator_create(tb_generator *_Nullable *_Nonnull out, uint64_t seed);
TB_EXPORT void tb_generator_free(tb_generator *generator);
TB_EXPORT tb_status tb_normal(tb_tensor *_Nullable *_Nonnull out, tb_dims shape, tb_generator *g);
TB_EXPORT tb_status tb_uniform(tb_tensor *_Nullable *_Nonnull out, tb_dims shape, tb_generator *g);

// -- Arithmetic ----------------------------------------------------------------------------------

#define TB_UNARY(name) \
  TB_EXPORT tb_status tb_##name(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x)
TB_UNARY(negate);
TB_UNARY(exponential);
TB_UNARY(logarithm);
TB_UNARY(square_root);
TB_UNARY(reciprocal_square_root);
TB_UNARY(sine);
TB_UNARY(cosine);
TB_UNARY(absolute);
TB_UNARY(sigmoid);
TB_UNARY(tanh);
TB_UNARY(silu);
TB_UNARY(gelu_tanh);
TB_UNARY(is_finite);
#undef TB_UNARY

/// x + factor · y
TB_EXPORT tb_status tb_add(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                           const tb_tensor *y, double factor);
TB_EXPORT tb_status tb_multiply(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                                const tb_tensor *y);
TB_EXPORT tb_status tb_divide(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                              const tb_tensor *y);
TB_EXPORT tb_status tb_maximum(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                               const tb_tensor *y);
TB_EXPORT tb_status tb_add_number(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x, double y);
TB_EXPORT tb_status tb_multiply_number(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                                       double y);
TB_EXPORT tb_status tb_power(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x, double y);
TB_EXPORT tb_status tb_clamp(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x, double low,
                             double high);
/// x + y · z, in one pass
TB_EXPORT tb_status tb_add_product(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                                   const tb_tensor *y, const tb_tensor *z);
TB_EXPORT tb_status tb_copy_into(tb_tensor *x, const tb_tensor *source);
TB_EXPORT tb_status tb_add_into(tb_tensor *x, const tb_tensor *y, double factor);
TB_EXPORT tb_status tb_scale_into(tb_tensor *x, double factor);

// -- Reductions ----------------------------------------------------------------------------------

/// An empty list of axes reduces over all of them.
TB_EXPORT tb_status tb_sum(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x, tb_dims axes,
                           bool keep);
TB_EXPORT tb_status tb_mean(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x, tb_dims axes,
                            bool keep);
TB_EXPORT tb_status tb_largest(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x, tb_dims axes,
                               bool keep);
TB_EXPORT tb_status tb_smallest(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                                tb_dims axes, bool keep);
/// Square root of the sum of squares over all tensors of the list, in float32.
TB_EXPORT tb_status tb_total_norm(tb_tensor *_Nullable *_Nonnull out, tb_list tensors);

// -- Shape ---------------------------------------------------------------------------------------

TB_EXPORT tb_status tb_reshape(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                               tb_dims shape);
TB_EXPORT tb_status tb_expand(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                              tb_dims shape);
TB_EXPORT tb_status tb_permute(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                               tb_dims axes);
TB_EXPORT tb_status tb_transpose(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                                 int64_t first, int64_t second);
TB_EXPORT tb_status tb_narrow(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x, int64_t axis,
                              int64_t start, int64_t length);
TB_EXPORT tb_status tb_select(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x, int64_t axis,
                              int64_t index);
/// index: [N], int64
TB_EXPORT tb_status tb_gather_rows(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                                   int64_t axis, const tb_tensor *index);
TB_EXPORT tb_status tb_unsqueeze(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                                 int64_t axis);
TB_EXPORT tb_status tb_concatenate(tb_tensor *_Nullable *_Nonnull out, tb_list tensors,
                                   int64_t axis);
TB_EXPORT tb_status tb_stack(tb_tensor *_Nullable *_Nonnull out, tb_list tensors, int64_t axis);
TB_EXPORT tb_status tb_repeat(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                              tb_dims times);
/// amounts: pairs (before, after), the last axis first
TB_EXPORT tb_status tb_pad(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x, tb_dims amounts,
                           tb_padding mode, double value);

// -- Layers --------------------------------------------------------------------------------------

TB_EXPORT tb_status tb_matmul(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                              const tb_tensor *y);
/// weight: [out, in]; bias: [out]
TB_EXPORT tb_status tb_linear(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                              const tb_tensor *weight, const tb_tensor *_Nullable bias);
/// base + factor · x · y for matrices
TB_EXPORT tb_status tb_add_matmul(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *base,
                                  const tb_tensor *x, const tb_tensor *y, double factor);
/// Over the last axis; weight: [D]
TB_EXPORT tb_status tb_rms_norm(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                                const tb_tensor *_Nullable weight, double epsilon);
/// Over the last axis, without affine terms
TB_EXPORT tb_status tb_layer_norm(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                                  double epsilon);
/// query [B, H, T, d], key and value [B, G, S, d]; H a multiple of G; bias: added to the scores
TB_EXPORT tb_status tb_attention(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *query,
                                 const tb_tensor *key, const tb_tensor *value,
                                 const tb_tensor *_Nullable bias, double scale, bool causal);
TB_EXPORT tb_status tb_convolution(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                                   const tb_tensor *weight, const tb_tensor *_Nullable bias,
                                   tb_dims stride, tb_dims padding, tb_dims dilation,
                                   bool transposed, int64_t groups);
/// x: [C, N]; the result [C, window/2 + 1, frames] holds magnitudes; window: periodic Hann, centred
TB_EXPORT tb_status tb_spectrogram(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                                   int64_t window, int64_t hop);

// -- Gradients -----------------------------------------------------------------------------------

/// Whether operations are recorded on this thread; returns what it was before.
TB_EXPORT bool tb_record_gradients(bool on);
/// d(Σ outputs · seeds) / d inputs; a result is NULL where an input has no part in the outputs.
TB_EXPORT tb_status tb_gradients(tb_list outputs, tb_list seeds, tb_list inputs,
                                 tb_tensor *_Nullable *_Nonnull results);

// -- Weights in host memory ----------------------------------------------------------------------

/// Copies to a device on a stream of their own, into `slots` places; NULL on the CPU, where they are plain.
TB_EXPORT tb_status tb_transfer_create(tb_transfer *_Nullable *_Nonnull out, const char *device,
                                       size_t slots);
TB_EXPORT void tb_transfer_free(tb_transfer *_Nullable transfer);
/// Begins to copy into the tensors of a slot, once the computation has left it.
TB_EXPORT tb_status tb_transfer_fetch(tb_transfer *_Nullable transfer, size_t slot, tb_list targets,
                                      tb_list sources);
/// The computation that follows waits until the slot is filled.
TB_EXPORT tb_status tb_transfer_wait(tb_transfer *_Nullable transfer, size_t slot);
/// The computation so far was the last to use what is in the slot.
TB_EXPORT tb_status tb_transfer_leave(tb_transfer *_Nullable transfer, size_t slot);
/// A copy in host memory from which `device` can read by itself (pinned).
TB_EXPORT tb_status tb_host_copy(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                                 const char *device);
/// Lets a tensor stand for other elements, on any device; all who hold it see them.
TB_EXPORT tb_status tb_set_data(tb_tensor *x, const tb_tensor *data);
/// Bytes of a buffer `[N]` uint8 from `start`, as a tensor; shares memory.
TB_EXPORT tb_status tb_view_bytes(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *buffer,
                                  int64_t start, tb_dtype type, tb_dims shape);

// -- Optimizers ----------------------------------------------------------------------------------

/// One step of Adam on lists of equal length; `step` counts from 1. The decay goes into the gradients,
/// or, decoupled, into the parameters.
TB_EXPORT tb_status tb_adam_step(tb_list parameters, tb_list gradients, tb_list means,
                                 tb_list squares, int64_t step, double rate, double beta1,
                                 double beta2, double epsilon, double decay, bool decoupled);

// -- Lists of tensors ----------------------------------------------------------------------------
// In place on x, element by element, lists of equal length, unrecorded.

TB_EXPORT tb_status tb_list_scale(tb_list x, double factor);
/// x + factor · y
TB_EXPORT tb_status tb_list_add(tb_list x, tb_list y, double factor);
TB_EXPORT tb_status tb_list_add_number(tb_list x, double number);
/// x + factor · a · b
TB_EXPORT tb_status tb_list_add_product(tb_list x, tb_list a, tb_list b, double factor);
/// x + factor · a / b
TB_EXPORT tb_status tb_list_add_quotient(tb_list x, tb_list a, tb_list b, double factor);
/// x + share · (goals - x)
TB_EXPORT tb_status tb_list_move(tb_list x, tb_list goals, double share);
TB_EXPORT tb_status tb_list_divide(tb_list x, tb_list y);
TB_EXPORT tb_status tb_list_square_root(tb_list x);
TB_EXPORT tb_status tb_list_sign(tb_list x);
TB_EXPORT tb_status tb_list_copy(tb_list x, tb_list y);
/// Copies with memory of their own.
TB_EXPORT tb_status tb_list_clone(tb_list x, tb_tensor *_Nullable *_Nonnull results);
/// Σ x · y over all elements of all tensors, one float64
TB_EXPORT tb_status tb_list_dot(tb_tensor *_Nullable *_Nonnull out, tb_list x, tb_list y);
/// Σ |x| over all elements of all tensors, one float64
TB_EXPORT tb_status tb_list_absolute_sum(tb_tensor *_Nullable *_Nonnull out, tb_list x);

// -- Lists of tensors in 8 bits ------------------------------------------------------------------
// codes: uint8 [blocks, 256]; scales: float32 [blocks], the largest magnitude of a block;
// map: float32 [256], ascending. composed: of ATen's operations, as on other devices than the CPU.

/// map[code] · scale, in the shapes of `shapes`
TB_EXPORT tb_status tb_read_blocks(tb_list codes, tb_list scales, tb_list shapes,
                                   const tb_tensor *map, bool composed,
                                   tb_tensor *_Nullable *_Nonnull results);
/// The scale of each block and the nearest code of each value
TB_EXPORT tb_status tb_write_blocks(tb_list values, tb_list codes, tb_list scales,
                                    const tb_tensor *map, bool composed);

// -- Adapters ------------------------------------------------------------------------------------

/// How often the elements of a tensor were changed in place.
TB_EXPORT uint64_t tb_change_count(const tb_tensor *x);
/// bias + (base + scale · inner upᵀ) · magnitude / norm for base [T, N], inner [T, r], up [N, r] and
/// vectors [N]; differentiable in base, inner, up and magnitude. base is overwritten.
TB_EXPORT tb_status tb_adapted_rows(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *base,
                                    const tb_tensor *inner, const tb_tensor *up, double scale,
                                    const tb_tensor *magnitude, const tb_tensor *norm,
                                    const tb_tensor *_Nullable bias);
/// scale · x ((a b) ∘ (c d))ᵀ for x [T, in], a and c [out, r], b and d [r, in]
TB_EXPORT tb_status tb_hadamard_product(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                                        const tb_tensor *a, const tb_tensor *b, const tb_tensor *c,
                                        const tb_tensor *d, double scale);

// -- Quantised weights ---------------------------------------------------------------------------

/// How the codes of a matrix [out, in] become numbers.
typedef enum : int32_t {
  /// float8 codes [out, in] · scale [out, 1], or [1, 1] for all rows
  TB_FLOAT8_ROWS,
  /// int8 codes, the same way
  TB_INT8_ROWS,
  /// int8 codes · scale, each 256 columns then multiplied by a Hadamard matrix ("ConvRot")
  TB_ROTATED_INT8_ROWS,
  /// (code - zero) · scale for each 64 elements in row-major order; codes [groups, 32], two per byte
  TB_INT4_GROUPS,
  /// value of the code · scale for each 64 elements; codes [blocks, 32], two per byte
  TB_NF4_BLOCKS
} tb_weight_form;

/// A frozen matrix [rows, columns] in codes.
typedef struct {
  tb_weight_form form;
  const tb_tensor *codes;
  const tb_tensor *scale;
  const tb_tensor *_Nullable zero;
  int64_t rows;
  int64_t columns;
} tb_weight;

/// Codes of a matrix; zero stays NULL for forms without one.
TB_EXPORT tb_status tb_quantize(tb_tensor *_Nullable *_Nonnull codes,
                                tb_tensor *_Nullable *_Nonnull scale,
                                tb_tensor *_Nullable *_Nonnull zero, const tb_tensor *matrix,
                                tb_weight_form form);
TB_EXPORT tb_status tb_dequantize(tb_tensor *_Nullable *_Nonnull out, tb_weight weight,
                                  tb_dtype type);
/// x Wᵀ + b; differentiates by x alone, and decodes again to do so
TB_EXPORT tb_status tb_quantized_linear(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                                        tb_weight weight, const tb_tensor *_Nullable bias);
/// Sum of the squares of each decoded row [out], float32
TB_EXPORT tb_status tb_quantized_row_squares(tb_tensor *_Nullable *_Nonnull out, tb_weight weight);

// -- Rounding ------------------------------------------------------------------------------------

/// Copies float32 to bfloat16, up or down by chance so that the mean is right; the seed decides.
TB_EXPORT tb_status tb_copy_rounding(tb_tensor *target, const tb_tensor *source, uint64_t seed);

// -- Lengths of rows -----------------------------------------------------------------------------

/// Of rows w + u with u = scale · B A: ⟨w, u⟩, ‖u‖² and ‖w + u‖, [3, out], float32, from W Aᵀ [out, r],
/// A [r, in], B [out, r] and ‖w‖² [out]; lengths are at least `least`; not differentiable
TB_EXPORT tb_status tb_row_terms(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *images,
                                 const tb_tensor *a, const tb_tensor *b, const tb_tensor *squares,
                                 double scale, double least);
/// The same from W [out, in] itself
TB_EXPORT tb_status tb_dense_row_terms(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *weight,
                                       const tb_tensor *a, const tb_tensor *b,
                                       const tb_tensor *squares, double scale, double least);

// -- TorchScript ---------------------------------------------------------------------------------

typedef struct tb_script tb_script;

/// Reads a TorchScript file (torch.jit.save) for the CPU. Only from sources that are trusted.
TB_EXPORT tb_status tb_script_load(tb_script *_Nullable *_Nonnull out, const char *path);
TB_EXPORT void tb_script_free(tb_script *_Nullable script);
/// forward(x) without gradients; an error if it does not give one tensor.
TB_EXPORT tb_status tb_script_forward(tb_tensor *_Nullable *_Nonnull out, tb_script *script,
                                      const tb_tensor *x);

// -- Linear algebra ------------------------------------------------------------------------------

/// X = U diag(s) Vᴴ of [..., m, n], reduced: [..., m, k], [..., k] falling, [..., k, n] with k = min(m, n).
TB_EXPORT tb_status tb_linalg_svd(tb_tensor *_Nullable *_Nonnull u, tb_tensor *_Nullable *_Nonnull s,
                                  tb_tensor *_Nullable *_Nonnull vh, const tb_tensor *matrix);
/// X = Q R of [..., m, n], reduced: [..., m, k] and [..., k, n] with k = min(m, n)
TB_EXPORT tb_status tb_linalg_qr(tb_tensor *_Nullable *_Nonnull q, tb_tensor *_Nullable *_Nonnull r,
                                 const tb_tensor *matrix);
/// X = V diag(w) Vᵀ of symmetric [..., n, n], of which the lower triangle is read; w rises
TB_EXPORT tb_status tb_linalg_eigh(tb_tensor *_Nullable *_Nonnull values,
                                   tb_tensor *_Nullable *_Nonnull vectors, const tb_tensor *matrix);
/// Lower triangle L with X = L Lᵀ; an error if X is not positive definite
TB_EXPORT tb_status tb_linalg_cholesky(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *matrix);
/// Y with X Y = right; an error if X is singular
TB_EXPORT tb_status tb_linalg_solve(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *matrix,
                                    const tb_tensor *right);
/// The same for a triangular X
TB_EXPORT tb_status tb_linalg_solve_triangular(tb_tensor *_Nullable *_Nonnull out,
                                               const tb_tensor *matrix, const tb_tensor *right,
                                               bool is_upper);

// MARK: - Whole steps of a transformer block, in one pass each way where plain operations make many

/// x / rms(x) · (1 + scale) + shift over the last axis of x [B, T, D], for rows of shift and scale [U, D]
/// and the row of each token, int64 [B · T]; without an index row b belongs to item b
TB_EXPORT tb_status tb_modulated_norm(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                                      const tb_tensor *shift, const tb_tensor *scale,
                                      const tb_tensor *_Nullable index, double epsilon);
/// RMS norm over all heads, times weight [H · d], turned by angles [H, T, d / 2]: [B, T, H · d] to
/// [B, H, T, d]; without angles nothing is turned
TB_EXPORT tb_status tb_rotary_norm(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                                   const tb_tensor *weight, const tb_tensor *_Nullable cosines,
                                   const tb_tensor *_Nullable sines, int64_t heads, double epsilon);
/// Heads [B, T, H, d] times 2 · sigmoid of their logits [B, T, H], joined to [B, T, H · d]
TB_EXPORT tb_status tb_gate_heads(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *mixed,
                                  const tb_tensor *logits);
/// x Wᵀ + scale · (x Aᵀ) Bᵀ + b for layers that read one x [..., in], in DoRA with magnitude / norm, both
/// [out], on all but b; `outs` has room for one of each; without `has_values` they only serve to go back
/// from, and are zeros that take no memory
TB_EXPORT tb_status tb_low_rank_linears(tb_tensor *_Nullable *_Nonnull outs, const tb_tensor *x,
                                        tb_list weights,
                                        const tb_tensor *_Nullable const *_Nonnull biases,
                                        tb_list downs, tb_list ups,
                                        const tb_tensor *_Nullable const *_Nonnull magnitudes,
                                        const tb_tensor *_Nullable const *_Nonnull norms,
                                        const double *scales, bool has_values);
/// x + gate · y that is known: differentiable in x and y, whose values are not read; the gate is a constant
TB_EXPORT tb_status tb_known_sum(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                                 const tb_tensor *y, const tb_tensor *_Nullable gate,
                                 const tb_tensor *known);
/// Attention with the logarithms of its sums [B, H, T] for `tb_attention_known`; none where the device
/// does not give them
TB_EXPORT tb_status tb_attention_with_sums(tb_tensor *_Nullable *_Nonnull out,
                                           tb_tensor *_Nullable *_Nonnull sums,
                                           const tb_tensor *query, const tb_tensor *key,
                                           const tb_tensor *value,
                                           const tb_tensor *_Nullable bias, double scale);
/// The result of the former once more, this time differentiable
TB_EXPORT tb_status tb_attention_known(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *query,
                                       const tb_tensor *key, const tb_tensor *value,
                                       const tb_tensor *_Nullable bias, const tb_tensor *result,
                                       const tb_tensor *sums, double scale);

// -- Reading weights ------------------------------------------------------------------------------

/// Bytes that belong to somebody else as a tensor on the CPU, without a copy; `release` is called with `owner`
/// when LibTorch no longer refers to them, and at once if this fails
TB_EXPORT tb_status tb_lend_bytes(tb_tensor *_Nullable *_Nonnull out, const void *bytes,
                                  tb_dtype type, tb_dims shape, void (*release)(void *),
                                  void *owner);
/// The same in memory of its own, a copy if it was lent, in another type and place where they are given
TB_EXPORT tb_status tb_copied(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x, tb_dtype type,
                              const char *_Nullable device);
/// Zeros whose memory is taken when they are written
TB_EXPORT tb_status tb_zeros_when_written(tb_tensor *_Nullable *_Nonnull out, tb_dims shape,
                                          tb_dtype type, const char *device);

// -- Frames of a video encoder --------------------------------------------------------------------

/// Pictures [B, C, T, H·p, W·p], bytes or floats in -1...1, to float patches [B, C·p·p, T, H, W], whose
/// columns are slower than their rows
TB_EXPORT tb_status tb_picture_patches(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                                       int64_t side);
/// SiLU of [B, C, T, H, W] divided by the root mean square over C, behind the `lead` frames of `before`,
/// or behind its own first frame as often
TB_EXPORT tb_status tb_activated_frames(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *x,
                                        const tb_tensor *_Nullable before, int64_t lead,
                                        double epsilon);
/// Both with neighbouring frames and pixels in channels, those of `beside` averaged to as many, added up
TB_EXPORT tb_status tb_shrunk_frames(tb_tensor *_Nullable *_Nonnull out, const tb_tensor *main,
                                     const tb_tensor *beside, int64_t time, int64_t space);
/// [B, C, T, H, W] with the channels of a pixel side by side in main memory; elsewhere as it is
TB_EXPORT tb_status tb_channels_side_by_side(tb_tensor *_Nullable *_Nonnull out,
                                             const tb_tensor *x);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#ifdef __cplusplus
}
#endif
#endif

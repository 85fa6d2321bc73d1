// Matrix products, norms, convolutions, spectrograms.
#include "FewChannels.h"
#include "Guard.h"

extern "C" {

tb_status tb_matmul(tb_tensor **out, const tb_tensor *x, const tb_tensor *y) {
  return guard([&] { *out = owned(at::matmul(x->value, y->value)); });
}

tb_status tb_linear(tb_tensor **out, const tb_tensor *x, const tb_tensor *weight,
                    const tb_tensor *bias) {
  return guard([&] { *out = owned(at::linear(x->value, weight->value, optional(bias))); });
}

tb_status tb_add_matmul(tb_tensor **out, const tb_tensor *base, const tb_tensor *x,
                        const tb_tensor *y, double factor) {
  return guard([&] { *out = owned(at::addmm(base->value, x->value, y->value, 1, factor)); });
}

tb_status tb_rms_norm(tb_tensor **out, const tb_tensor *x, const tb_tensor *weight,
                      double epsilon) {
  return guard([&] {
    *out = owned(at::rms_norm(x->value, {x->value.size(-1)}, optional(weight), epsilon));
  });
}

tb_status tb_layer_norm(tb_tensor **out, const tb_tensor *x, double epsilon) {
  return guard([&] {
    *out = owned(at::layer_norm(x->value, {x->value.size(-1)}, {}, {}, epsilon));
  });
}

tb_status tb_convolution(tb_tensor **out, const tb_tensor *x, const tb_tensor *weight,
                         const tb_tensor *bias, tb_dims stride, tb_dims padding, tb_dims dilation,
                         bool transposed, int64_t groups) {
  return guard([&] {
    bool isIntoFew = !transposed && isConvolutionIntoFew(x->value, weight->value, dims(stride), dims(padding),
                                                         dims(dilation), groups);
    if (isIntoFew) {
      *out = owned(convolveIntoFew(x->value, weight->value, optional(bias)));
      return;
    }
    std::vector<int64_t> outputPadding(stride.count, 0);
    *out = owned(at::convolution(x->value, weight->value, optional(bias), dims(stride),
                                 dims(padding), dims(dilation), transposed, outputPadding, groups));
  });
}

tb_status tb_spectrogram(tb_tensor **out, const tb_tensor *x, int64_t window, int64_t hop) {
  return guard([&] {
    auto taper = at::hann_window(window, x->value.options());
    auto spectrum = at::stft(x->value, window, hop, window, taper, /*center=*/true, "reflect",
                             /*normalized=*/false, /*onesided=*/true, /*return_complex=*/true);
    *out = owned(spectrum.abs());
  });
}
}

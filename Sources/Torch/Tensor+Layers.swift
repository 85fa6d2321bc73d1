import TorchBridge

extension Tensor {
    /// Matrix product over the last two axes, with broadcasting.
    public func matmul(_ other: Tensor) -> Tensor {
        Tensor.call("matmul", [self, other]) { tb_matmul($0, $1[0], $1[1]) }
    }

    /// `x Wᵀ + b` over the last axis; weight `[out, in]`, bias `[out]`.
    public func linear(_ weight: Tensor, bias: Tensor? = nil) -> Tensor {
        Tensor.call("linear", [self, weight] + [bias].compactMap(\.self)) {
            tb_linear($0, $1[0], $1[1], $1.count > 2 ? $1[2] : nil)
        }
    }

    /// `self + factor · x y` for matrices, in one pass.
    public func addingMatmul(_ x: Tensor, _ y: Tensor, factor: Double = 1) -> Tensor {
        Tensor.call("addMatmul", [self, x, y]) { tb_add_matmul($0, $1[0], $1[1], $1[2], factor) }
    }

    /// Divides each vector of the last axis by its root mean square.
    ///
    /// - Parameters:
    ///   - weight: scale per channel, `[D]`; `nil` means 1.
    ///   - epsilon: added to the mean square, so that a zero vector stays zero.
    /// - Returns: shape and type of `self`, `[..., D]`.
    public func rmsNorm(weight: Tensor? = nil, epsilon: Double) -> Tensor {
        Tensor.call("rmsNorm", [self] + [weight].compactMap(\.self)) {
            tb_rms_norm($0, $1[0], $1.count > 1 ? $1[1] : nil, epsilon)
        }
    }

    /// Subtracts the mean of each vector of the last axis and divides by its standard deviation.
    public func layerNorm(epsilon: Double) -> Tensor {
        Tensor.call("layerNorm", [self]) { tb_layer_norm($0, $1[0], epsilon) }
    }

    /// Softmax attention of this query over keys and values.
    ///
    /// - Parameters:
    ///   - key: `[B, G, S, d]`; the query's heads are a multiple of G (grouped heads share a key).
    ///   - value: `[B, G, S, d]`.
    ///   - bias: added to the scores, broadcast to `[B, H, T, S]`.
    ///   - scale: factor on the scores, usually `1 / √d`.
    ///   - causal: whether token t sees only tokens up to t.
    /// - Returns: `[B, H, T, d]` for a query of that shape.
    public func attention(
        key: Tensor,
        value: Tensor,
        bias: Tensor? = nil,
        scale: Double,
        causal: Bool = false
    ) -> Tensor {
        Tensor.call("attention", [self, key, value] + [bias].compactMap(\.self)) {
            tb_attention($0, $1[0], $1[1], $1[2], $1.count > 3 ? $1[3] : nil, scale, causal)
        }
    }

    /// Convolution over the axes behind `[B, C]`; weight `[out, in / groups, k…]`.
    ///
    /// Transposed ones take the weight as `[in, out / groups, k…]`.
    public func convolution(
        _ weight: Tensor,
        bias: Tensor? = nil,
        stride: [Int]? = nil,
        padding: [Int]? = nil,
        dilation: [Int]? = nil,
        transposed: Bool = false,
        groups: Int = 1
    ) -> Tensor {
        let axes = max(rank - 2, 0)
        let ones = Array(repeating: 1, count: axes)
        let zeros = Array(repeating: 0, count: axes)
        return Tensor.call("convolution", [self, weight] + [bias].compactMap(\.self)) { out, x in
            withDims(stride ?? ones) { stride in
                withDims(padding ?? zeros) { padding in
                    withDims(dilation ?? ones) { dilation in
                        tb_convolution(
                            out,
                            x[0],
                            x[1],
                            x.count > 2 ? x[2] : nil,
                            stride,
                            padding,
                            dilation,
                            transposed,
                            Int64(groups)
                        )
                    }
                }
            }
        }
    }

    /// Magnitudes of the short-time spectrum, `[C, window / 2 + 1, frames]` for a signal `[C, N]`.
    ///
    /// Periodic Hann window, frames centred on multiples of `hop`, reflected at the ends.
    public func spectrogram(window: Int, hop: Int) -> Tensor {
        Tensor.call("spectrogram", [self]) { tb_spectrogram($0, $1[0], Int64(window), Int64(hop)) }
    }
}

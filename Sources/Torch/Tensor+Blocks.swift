import TorchBridge

// Steps of a transformer block that take one pass each way on a CPU, and plain operations elsewhere.

extension Tensor {
    /// `x / rms(x) · (1 + scale) + shift` over the last axis.
    ///
    /// - Parameters:
    ///   - shift: rows `[U, D]`.
    ///   - scale: rows `[U, D]`.
    ///   - index: the row of each token, int64 `[B · T]`; nil where row b belongs to item b.
    ///   - epsilon: added to the mean square.
    /// - Returns: shape and type of `self`, `[B, T, D]`.
    public func modulatedNorm(shift: Tensor, scale: Tensor, index: Tensor?, epsilon: Double)
        -> Tensor
    {
        let inputs = [self, shift, scale] + [index].compactMap(\.self)
        return Tensor.call("modulatedNorm", inputs) {
            tb_modulated_norm($0, $1[0], $1[1], $1[2], $1.count > 3 ? $1[3] : nil, epsilon)
        }
    }

    /// RMS norm over all heads, times `weight`, then turned by an angle per position, head and pair (j, j + r).
    ///
    /// - Parameters:
    ///   - weight: `[H · 2r]`.
    ///   - angles: cosines and sines `[H, T, r]`, float32; nil turns nothing.
    ///   - heads: H.
    ///   - epsilon: added to the mean square.
    /// - Returns: `[B, H, T, 2r]` for `self` `[B, T, H · 2r]`.
    public func rotaryNorm(
        weight: Tensor,
        angles: (cosines: Tensor, sines: Tensor)?,
        heads: Int,
        epsilon: Double
    ) -> Tensor {
        let inputs = [self, weight] + (angles.map { [$0.cosines, $0.sines] } ?? [])
        return Tensor.call("rotaryNorm", inputs) {
            let turns = $1.count > 2
            return tb_rotary_norm(
                $0,
                $1[0],
                $1[1],
                turns ? $1[2] : nil,
                turns ? $1[3] : nil,
                Int64(heads),
                epsilon
            )
        }
    }

    /// Heads `[B, T, H, d]` times `2 · sigmoid(logits)` `[B, T, H]`, joined to `[B, T, H · d]`.
    public func gatedHeads(_ logits: Tensor) -> Tensor {
        Tensor.call("gatedHeads", [self, logits]) { tb_gate_heads($0, $1[0], $1[1]) }
    }

    /// `self Wᵀ + scale · (self Aᵀ) Bᵀ + b` of layers that all read `self` `[..., in]`; in DoRA all but b by
    /// row times magnitude over norm.
    ///
    /// Differentiable in `self`, A, B and magnitudes; weights, biases and norms count as constants.
    static func lowRankLinears(
        _ x: Tensor,
        _ layers: [(weight: DenseWeight, bias: Tensor?, terms: LowRankTerms)],
        hasValues: Bool
    ) -> [Tensor] {
        let count = layers.count
        let always =
            layers.map(\.weight.matrix) + layers.map(\.terms.down) + layers.map(\.terms.up)
        let sometimes =
            layers.map(\.bias) + layers.map(\.terms.rows?.magnitude)
            + layers.map(\.terms.rows?.norm)
        var results = [OpaquePointer?](repeating: nil, count: count)
        Tensor.run("lowRankLinears", [x] + always + sometimes.compactMap(\.self)) { handles in
            var rest = handles.dropFirst(1 + always.count)
            let given = sometimes.map { $0 == nil ? nil : rest.popFirst() }
            func vectors(_ kind: Int) -> [OpaquePointer?] {
                Array(given[(kind * count)..<((kind + 1) * count)])
            }
            func matrices<R>(_ kind: Int, _ body: (tb_list) -> R) -> R {
                withList(handles.dropFirst(1 + kind * count).prefix(count), body)
            }
            return matrices(0) { weights in
                matrices(1) { downs in
                    matrices(2) { ups in
                        tb_low_rank_linears(
                            &results,
                            handles[0],
                            weights,
                            vectors(0),
                            downs,
                            ups,
                            vectors(1),
                            vectors(2),
                            layers.map(\.terms.scale),
                            hasValues
                        )
                    }
                }
            }
        }
        return results.map { Tensor(adopting: $0) }
    }

    /// Attention, and the logarithms of its sums `[B, H, T]` for `knownAttention`.
    ///
    /// Parameters as of `attention`; no sums where the device does not give them.
    public func attentionWithSums(key: Tensor, value: Tensor, bias: Tensor?, scale: Double)
        -> (output: Tensor, sums: Tensor?)
    {
        var sums: OpaquePointer?
        let inputs = [self, key, value] + [bias].compactMap(\.self)
        let output = Tensor.call("attentionWithSums", inputs) {
            tb_attention_with_sums(
                $0,
                &sums,
                $1[0],
                $1[1],
                $1[2],
                $1.count > 3 ? $1[3] : nil,
                scale
            )
        }
        return (output, sums.map { Tensor(adopting: $0) })
    }

    /// Attention whose result is known from an earlier pass: nothing is computed but the way back.
    public func knownAttention(
        key: Tensor,
        value: Tensor,
        bias: Tensor?,
        scale: Double,
        output: Tensor,
        sums: Tensor
    ) -> Tensor {
        let inputs = [self, key, value, output, sums] + [bias].compactMap(\.self)
        return Tensor.call("knownAttention", inputs) {
            tb_attention_known(
                $0,
                $1[0],
                $1[1],
                $1[2],
                $1.count > 5 ? $1[5] : nil,
                $1[3],
                $1[4],
                scale
            )
        }
    }

    /// `self + y · gate` that is known from an earlier pass.
    ///
    /// Nothing is computed but the way back, and of `self` and `y` no value is read. The gate, 1 if nil, counts as
    /// a constant.
    public func knownSum(_ y: Tensor, times gate: Tensor?, known: Tensor) -> Tensor {
        Tensor.call("knownSum", [self, y, known] + [gate].compactMap(\.self)) {
            tb_known_sum($0, $1[0], $1[1], $1.count > 3 ? $1[3] : nil, $1[2])
        }
    }
}

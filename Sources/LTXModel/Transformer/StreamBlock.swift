import Torch

// Axes: B batch, T tokens of a stream, S text tokens, D width of a stream.

/// What one stream's blocks need besides the hidden tokens; computed once per step.
struct StreamConditions {
    var rows: Tensor  // [U, 6 or 9, D]
    let levels: NoiseLevels
    var textRows: Tensor?  // [B, 2, D], for the text's own modulation
    var text: Tensor  // [B, S, D]
    let textBias: Tensor?  // [B, 1, 1, S]
    let keyBias: Tensor?  // [B, 1, 1, T], hides padding from those who ask this stream
    let rope: RotaryTable
    let crossRope: RotaryTable
    var crossRows: Tensor  // [U, 4, D]
    let crossLevels: NoiseLevels
    var gateRows: Tensor  // [U, 1, D]
    let gateLevels: NoiseLevels
    var replay: BlockReplay?  // of the block that is at work
    var mixing: Tensor?  // [B, 1, 1], 1 for items that attend to themselves whatever is skipped

    /// `x + change · gate`; see `BlockReplay.sum`.
    func sum(
        _ x: Tensor,
        times gate: Tensor?,
        isLast: Bool = false,
        _ change: (_ hasValues: Bool) -> Tensor
    ) -> Tensor {
        replay?.sum(x, times: gate, isLast: isLast, change) ?? x.adding(change(true), gate: gate)
    }
}

/// Self-attention, text attention and feed-forward of one modality within a block.
final class StreamBlock {
    private let selfAttention: Attention
    private let textAttention: Attention
    private let feedForward: FeedForward
    private let table: Tensor  // [6 or 9, D]
    private let textTable: Tensor?  // [2, D]
    private let crossTable: Tensor  // [5, D]
    private let epsilon: Double

    /// Reads the weights of one stream; `prefix` is empty for video, `audio_` for audio.
    init(
        _ weights: WeightScope,
        prefix: String,
        crossTable crossName: String,
        stream: StreamConfiguration,
        config: TransformerConfiguration
    ) {
        func attention(_ name: String) -> Attention {
            Attention(
                weights / (prefix + name),
                queryWidth: stream.width,
                contextWidth: stream.width,
                heads: stream.heads,
                headWidth: stream.headWidth,
                gated: config.gatedAttention,
                epsilon: config.epsilon
            )
        }
        selfAttention = attention("attn1")
        textAttention = attention("attn2")
        feedForward = FeedForward(
            weights / (prefix + "ff"),
            width: stream.width,
            bias: stream.feedForwardBias
        )
        table = weights.tensor(prefix + "scale_shift_table", [config.modulationRows, stream.width])
        textTable =
            config.modulatedTextAttention
            ? weights.tensor(prefix + "prompt_scale_shift_table", [2, stream.width]) : nil
        crossTable = weights.tensor(crossName, [5, stream.width])
        epsilon = config.epsilon
    }

    var linears: [Linear] {
        selfAttention.linears + textAttention.linears + feedForward.linears
    }

    /// Self-attention and text attention.
    func attended(_ x: Tensor, _ conditions: StreamConditions, valuesOnly: Bool) -> Tensor {
        let rows = ModulationRows(
            table: table,
            rows: conditions.rows,
            levels: conditions.levels
        )
        let asked = rows.modulateNormed(x, shift: 0, scale: 1, epsilon: epsilon)
        let after = conditions.sum(x, times: rows.row(2)) { hasValues in
            mixed(asked, conditions, valuesOnly: valuesOnly, hasValues: hasValues)
        }
        return withText(after, rows, conditions)
    }

    /// Self-attention, or each token's own value where it is skipped.
    private func mixed(
        _ x: Tensor,
        _ conditions: StreamConditions,
        valuesOnly: Bool,
        hasValues: Bool
    ) -> Tensor {
        if valuesOnly, conditions.mixing == nil { return selfAttention.valuesOnly(x) }
        let mixed = selfAttention(
            x,
            context: x,
            queryRope: conditions.rope,
            keyRope: conditions.rope,
            bias: conditions.keyBias,
            replay: conditions.replay,
            hasValues: hasValues
        )
        guard valuesOnly, let mask = conditions.mixing?.to(x.dtype) else { return mixed }
        return (mixed * mask).adding(selfAttention.valuesOnly(x), times: mask * -1 + 1)
    }

    private func withText(
        _ x: Tensor,
        _ rows: ModulationRows,
        _ conditions: StreamConditions
    ) -> Tensor {
        guard let textTable, let textRows = conditions.textRows else {
            let asked = x.rmsNorm(epsilon: epsilon)
            return conditions.sum(x, times: nil) { hasValues in
                read(asked, conditions.text, conditions, hasValues)
            }
        }
        let textLevels = NoiseLevels(perItem: textRows.select(1, 0).select(1, 0))
        let textModulation = ModulationRows(table: textTable, rows: textRows, levels: textLevels)
        let text = textModulation.modulate(conditions.text, shift: 0, scale: 1)
        let asked = rows.modulateNormed(x, shift: 6, scale: 7, epsilon: epsilon)
        return conditions.sum(x, times: rows.row(8)) { hasValues in
            read(asked, text, conditions, hasValues)
        }
    }

    private func read(
        _ x: Tensor,
        _ text: Tensor,
        _ conditions: StreamConditions,
        _ hasValues: Bool
    ) -> Tensor {
        textAttention(
            x,
            context: text,
            bias: conditions.textBias,
            replay: conditions.replay,
            hasValues: hasValues
        )
    }

    /// The feed-forward part.
    func transformed(_ x: Tensor, _ conditions: StreamConditions) -> Tensor {
        let rows = ModulationRows(
            table: table,
            rows: conditions.rows,
            levels: conditions.levels
        )
        let asked = rows.modulateNormed(x, shift: 3, scale: 4, epsilon: epsilon)
        return conditions.sum(x, times: rows.row(5), isLast: true) { hasValues in
            feedForward(asked, hasValues: hasValues)
        }
    }

    /// The stream as the cross-modal attentions see it; rows count (scale, shift) from `first`.
    func crossView(_ x: Tensor, _ conditions: StreamConditions, first: Int) -> Tensor {
        let rows = ModulationRows(
            table: crossTable,
            rows: conditions.crossRows,
            levels: conditions.crossLevels
        )
        return rows.modulateNormed(x, shift: first + 1, scale: first, epsilon: epsilon)
    }

    /// How strongly this stream takes in what it heard or saw in the other one.
    func crossGate(_ conditions: StreamConditions) -> Tensor {
        ModulationRows(
            table: crossTable,
            rows: conditions.gateRows,
            levels: conditions.gateLevels
        ).row(0, tableRow: 4)
    }
}

extension TransformerConfiguration {
    /// Name and sizes of a linear layer inside the blocks.
    public struct LayerShape: Equatable, Sendable {
        /// Name below the transformer.
        public let path: String
        /// Width of the input.
        public let input: Int
        /// Width of the output.
        public let output: Int
    }

    /// Every linear layer inside the blocks, told without reading a weight.
    public var blockLinearShapes: [LayerShape] {
        (0..<blockCount).flatMap { block in
            blockShapes.map { shape in
                LayerShape(
                    path: "transformer_blocks.\(block).\(shape.path)",
                    input: shape.input,
                    output: shape.output
                )
            }
        }
    }

    private var blockShapes: [LayerShape] {
        let (v, a) = (video.width, audio.width)
        return attention("attn1", v, v, v, video.heads) + attention("attn2", v, v, v, video.heads)
            + feedForward("ff", v) + attention("audio_attn1", a, a, a, audio.heads)
            + attention("audio_attn2", a, a, a, audio.heads) + feedForward("audio_ff", a)
            + attention("audio_to_video_attn", v, a, a, audio.heads)
            + attention("video_to_audio_attn", a, v, a, audio.heads)
    }

    private func attention(
        _ name: String,
        _ query: Int,
        _ context: Int,
        _ inner: Int,
        _ heads: Int
    ) -> [LayerShape] {
        let gate = LayerShape(path: "\(name).to_gate_logits", input: query, output: heads)
        return [
            LayerShape(path: "\(name).to_q", input: query, output: inner),
            LayerShape(path: "\(name).to_k", input: context, output: inner),
            LayerShape(path: "\(name).to_v", input: context, output: inner),
            LayerShape(path: "\(name).to_out.0", input: inner, output: query),
        ] + (gatedAttention ? [gate] : [])
    }

    private func feedForward(_ name: String, _ width: Int) -> [LayerShape] {
        [
            LayerShape(path: "\(name).net.0.proj", input: width, output: 4 * width),
            LayerShape(path: "\(name).net.2", input: 4 * width, output: width),
        ]
    }
}

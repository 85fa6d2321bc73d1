public import Torch

// Axes: B batch, T tokens of a stream, C latent channels, S text tokens, D width of a stream.

/// One modality of a batch, as the transformer takes it.
public struct ModalityInput {
    /// Noisy latent tokens `[B, T, C]`.
    public var latent: Tensor
    /// Noise level of each item, 0...1, `[B]`.
    public var sigma: Tensor
    /// Noise level of each token; those of conditioning tokens are 0.
    public var levels: NoiseLevels
    /// Text features after the connectors `[B, S, …]`.
    public var text: Tensor
    /// 1 for text that is there, 0 for padding, `[B, S]`; nil when all of it is.
    public var textMask: Tensor?
    /// 1 for tokens that are there, 0 for padding, `[B, T]`; nil when all of them are.
    public var tokenMask: Tensor?

    /// A modality; without `levels` every token has its item's noise level.
    public init(
        latent: Tensor,
        sigma: Tensor,
        levels: NoiseLevels? = nil,
        text: Tensor,
        textMask: Tensor? = nil,
        tokenMask: Tensor? = nil
    ) {
        self.latent = latent
        self.sigma = sigma
        self.levels = levels ?? NoiseLevels(perItem: sigma)
        self.text = text
        self.textMask = textMask
        self.tokenMask = tokenMask
    }
}

/// Everything one call of the transformer is given.
public struct TransformerInput {
    /// Video tokens; nil leaves the modality out.
    public var video: ModalityInput?
    /// Audio tokens; nil leaves the modality out.
    public var audio: ModalityInput?
    /// Where the video tokens lie.
    public var grid: VideoGrid
    /// Whether the streams run without seeing each other.
    public var isolated = false
    /// Blocks whose self-attention is skipped, for guidance.
    public var valuesOnlyBlocks: Set<Int> = []
    /// What single items go without; nil treats all items alike.
    public var items: ItemMasks?
    /// Overrides the checkpoint's way of modulating the cross-modal attentions.
    public var crossModulation: CrossModulation?
    /// 1 where a video token gets the key-frame embedding (2.5), `[B, T, 1]`.
    public var keyframes: Tensor?

    /// A call with one or both modalities.
    public init(video: ModalityInput?, audio: ModalityInput?, grid: VideoGrid) {
        self.video = video
        self.audio = audio
        self.grid = grid
    }
}

/// What the blocks need besides the hidden tokens.
public struct BlockConditions {
    var video: StreamConditions?
    var audio: StreamConditions?
    let isolated: Bool
    var exchangeMask: Tensor?  // [B, 1, 1]

    /// The same for a block that runs twice.
    public func replaying(_ replay: BlockReplay?) -> BlockConditions {
        var copy = self
        copy.video?.replay = replay
        copy.audio?.replay = replay
        return copy
    }
}

/// The dual-stream diffusion transformer of LTX-2: predicts velocity (noise − clean) of both modalities.
public final class Transformer {
    /// Sizes and switches.
    public let config: TransformerConfiguration
    /// The blocks, in order.
    public let blocks: [AudioVideoBlock]
    /// Factors between latents and the world.
    public let scale: LatentScale
    /// Where the weights of the blocks are; nil if all stay on the device.
    public let offloading: BlockOffloading?
    private let video: StreamEnds
    private let audio: StreamEnds
    private let ropes = RopeCache()

    /// Reads all weights; names are the original ones below `model.diffusion_model.`.
    ///
    /// With `offloading` the linear layers of some blocks live in host memory, each from the moment it is read.
    public init(
        _ weights: WeightScope,
        config: TransformerConfiguration,
        scale: LatentScale = LatentScale(),
        offloading: BlockOffloading? = nil
    ) {
        self.config = config
        self.scale = scale
        self.offloading = offloading
        video = StreamEnds(weights, .video, config: config)
        audio = StreamEnds(weights, .audio, config: config)
        blocks = (0..<config.blockCount).map { index in
            let block = AudioVideoBlock(weights / "transformer_blocks" / index, config: config)
            offloading?.add(block.linears.flatMap(\.tensors))
            return block
        }
    }

    /// All linear layers inside the blocks, in order: 1,344 in LTX-2.0, 1,632 in 2.3.
    public var blockLinears: [Linear] { blocks.flatMap(\.linears) }

    /// All linear layers, those around the blocks first: what adapter files of any trainer may be for.
    public var linears: [Linear] { video.linears + audio.linears + blockLinears }

    /// Velocities of both modalities `[B, T, C]`, float32.
    public func callAsFunction(_ input: TransformerInput) -> StreamState {
        let conditions = conditions(for: input)
        var state = embedded(input)
        offloading?.begin(Array(blocks.indices))
        for index in blocks.indices {
            state = visit(index)(
                state,
                conditions,
                valuesOnly: input.valuesOnlyBlocks.contains(index)
            )
        }
        return velocities(state, input)
    }

    /// A block whose weights are on the device until another is visited.
    public func visit(_ index: Int) -> AudioVideoBlock {
        offloading?.visit(index)
        return blocks[index]
    }

    /// The rotary tables of a batch's shape, to compare with recordings.
    package func rotaryTables(
        grid: VideoGrid,
        audioCount: Int,
        device: Device
    ) -> RopeCache.Tables {
        ropes.tables(
            grid: grid,
            audioCount: audioCount,
            config: config,
            scale: scale,
            device: device
        )
    }

    /// Modulation rows `[U, N, D]` of the video stream and the embedding behind them `[U, D]` for
    /// sigmas `[U]`, to compare with recordings.
    package func videoModulation(_ sigmas: Tensor) -> (rows: Tensor, embedded: Tensor) {
        video.modulation(sigmas)
    }

    /// Latents as tokens of the streams' widths.
    public func embedded(_ input: TransformerInput) -> StreamState {
        StreamState(
            video: input.video.map { video.embedded($0.latent, keyframes: input.keyframes) },
            audio: input.audio.map { audio.embedded($0.latent, keyframes: nil) }
        )
    }

    /// Velocities from the tokens after the last block.
    public func velocities(_ state: StreamState, _ input: TransformerInput) -> StreamState {
        StreamState(
            video: zip(state.video, input.video) { video.velocity($0, $1.levels) },
            audio: zip(state.audio, input.audio) { audio.velocity($0, $1.levels) }
        )
    }

    /// Modulations, positions and texts: once per call, not once per block.
    public func conditions(for input: TransformerInput) -> BlockConditions {
        let modulation = input.crossModulation ?? config.crossModulation
        let device = (input.video ?? input.audio)?.latent.device ?? .cpu
        let ropes = rotaryTables(
            grid: input.grid,
            audioCount: input.audio?.latent.size(1) ?? 0,
            device: device
        )
        var conditions = BlockConditions(
            video: input.video.map {
                video.conditions($0, other: input.audio, modulation, ropes.video, ropes.crossVideo)
            },
            audio: input.audio.map {
                audio.conditions($0, other: input.video, modulation, ropes.audio, ropes.crossAudio)
            },
            isolated: input.isolated
        )
        conditions.take(input.items)
        return conditions
    }
}

private func zip<A, B, R>(_ first: A?, _ second: B?, _ body: (A, B) -> R) -> R? {
    guard let first, let second else { return nil }
    return body(first, second)
}

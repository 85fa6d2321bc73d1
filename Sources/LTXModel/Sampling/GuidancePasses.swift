import Torch

// Axes: B batch, n passes, T tokens of a stream, S text tokens, D width of the text.

/// The passes of the transformer that a step of guided sampling needs.
///
/// Batched, they are items of one call: pass by pass, each with all items of the sample. Then the model
/// visits its blocks once a step, which offloaded blocks are glad of.
struct GuidancePasses {
    private let transformer: Transformer
    private let start: LatentSampler.Start
    private let guidance: Guidance
    private let crossModulation: CrossModulation?
    private let texts: [StreamTexts]  // by pass

    init(
        _ transformer: Transformer,
        _ start: LatentSampler.Start,
        _ guidance: Guidance,
        _ crossModulation: CrossModulation?,
        _ prompt: TextContext,
        _ negative: TextContext
    ) {
        self.transformer = transformer
        self.start = start
        self.guidance = guidance
        self.crossModulation = crossModulation
        let device = (start.video ?? start.audio)?.tokens.device
        texts = guidance.passes.map {
            let context = $0 == .negative ? negative : prompt
            return StreamTexts(
                video: context.video.to(on: device),
                audio: context.audio.to(on: device)
            )
        }
    }

    /// Whether there are several, and texts of one length, as a batch needs them.
    var canBeBatched: Bool {
        let shapes = Set(texts.map { [$0.video?.shape ?? [], $0.audio?.shape ?? []] })
        return texts.count > 1 && shapes.count == 1
    }

    /// Velocities of each pass, by one call.
    func together(_ state: StreamState, _ sigma: Double) -> [StreamState] {
        velocities(guidance.passes, texts, state, sigma)
    }

    /// Velocities of each pass, by a call for each.
    func oneByOne(_ state: StreamState, _ sigma: Double) -> [StreamState] {
        zip(guidance.passes, texts).flatMap { velocities([$0], [$1], state, sigma) }
    }

    private func velocities(
        _ passes: [GuidancePass],
        _ texts: [StreamTexts],
        _ state: StreamState,
        _ sigma: Double
    ) -> [StreamState] {
        var input = TransformerInput(
            video: modality(state.video, start.video, texts.map(\.video), sigma),
            audio: modality(state.audio, start.audio, texts.map(\.audio), sigma),
            grid: start.grid
        )
        input.crossModulation = crossModulation
        input.isolated = passes.allSatisfy { $0 == .isolated }
        input.items = items(passes, state)
        if passes.contains(.perturbed) { input.valuesOnlyBlocks = guidance.perturbedBlocks }
        let found = transformer(input)
        let (video, audio) = (
            found.video?.chunks(0, passes.count), found.audio?.chunks(0, passes.count)
        )
        return passes.indices.map { StreamState(video: video?[$0], audio: audio?[$0]) }
    }

    private func modality(
        _ tokens: Tensor?,
        _ start: ModalityStart?,
        _ texts: [Tensor?],
        _ sigma: Double
    ) -> ModalityInput? {
        guard let tokens, let start else { return nil }
        let count = tokens.size(0) * texts.count
        let level = start.isMade ? sigma : 0
        return ModalityInput(
            latent: texts.count > 1 ? tokens.repeated([texts.count, 1, 1]) : tokens,
            sigma: .full([count], level, device: tokens.device),
            levels: start.levels(sigma, items: count),
            text: .concatenate(texts.compactMap(\.self), axis: 0)
        )
    }

    /// What single passes go without; nil where all have everything or none has.
    private func items(_ passes: [GuidancePass], _ state: StreamState) -> ItemMasks? {
        guard let tokens = state.video ?? state.audio else { return nil }
        func mask(_ pass: GuidancePass, unless isKept: Bool = false) -> Tensor? {
            guard passes.contains(pass) else { return nil }
            let values = passes.flatMap { other in
                [Float](repeating: other == pass && !isKept ? 0 : 1, count: tokens.size(0))
            }
            return Tensor(values, shape: [values.count, 1, 1]).to(on: tokens.device)
        }
        return ItemMasks(
            videoMixing: mask(.perturbed, unless: guidance.video.perturbation == 0),
            audioMixing: mask(.perturbed, unless: guidance.audio.perturbation == 0),
            exchange: passes.count > 1 ? mask(.isolated) : nil
        )
    }
}

extension ModalityStart {
    /// A noise level for each token: 0 for those that are given; nil where all of an item have one.
    fileprivate func levels(_ sigma: Double, items: Int) -> NoiseLevels? {
        guard isMade, givenCount > 0 else { return nil }
        let total = tokens.size(1)
        let row =
            [Int](repeating: 1, count: givenCount) + [Int](repeating: 0, count: total - givenCount)
        let index = Tensor(row).to(on: tokens.device)
        return NoiseLevels(
            values: Tensor([Float(sigma), 0]).to(on: tokens.device),
            index: index.repeated([items]),
            batch: items
        )
    }
}

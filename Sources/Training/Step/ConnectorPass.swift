public import LTXModel
import Torch

// Axes: B batch, N text tokens of a context, S text tokens of a prompt, D width of a stream's text.

/// Forward and backward through the text connectors, one prompt and one connector at a time.
///
/// The transformer's pass is given contexts without a record and gives back the loss's derivatives with
/// respect to them (`BlockwisePass.accumulate(_:into:wantsTextGradients:loss:)`). The connectors then run
/// once more with gradients on, so nothing of them is kept while the transformer runs.
public struct ConnectorPass {
    private let connectors: TextConnectors
    private let video: [Int: Tensor]  // index of a parameter → the parameter
    private let audio: [Int: Tensor]
    private let length: Int

    /// Prepares passes for those parameters of `layout` that belong to the connectors.
    ///
    /// - Parameters:
    ///   - connectors: of the model, with adapters attached.
    ///   - layout: the parameters that are to learn.
    ///   - length: N.
    public init(
        _ connectors: TextConnectors,
        layout: ParameterLayout,
        length: Int = TextConnectors.contextLength
    ) {
        self.connectors = connectors
        video = layout.parameters(of: connectors.video.linears)
        audio = layout.parameters(of: connectors.audio.linears)
        self.length = length
    }

    /// Whether any parameter belongs to the connectors: if not, no text gradients are worth computing.
    public var hasParameters: Bool { !(video.isEmpty && audio.isEmpty) }

    /// Contexts of some prompts with the adapters as they are now, without a record.
    ///
    /// Items of a batch that share their features share the context.
    ///
    /// - Throws: if a prompt is longer than the context.
    public func contexts(of features: [TextFeatures]) throws -> [TextContext] {
        try withoutGradients {
            var known: [Prompt: TextContext] = [:]
            return try features.map { features in
                let prompt = Prompt(features)
                if let context = known[prompt] { return context }
                let context = try connectors.context(of: features, length: length)
                known[prompt] = context
                return context
            }
        }
    }

    /// Adds the gradients of the connectors' parameters to `sums`.
    ///
    /// - Parameters:
    ///   - features: of each item of the batch, as `contexts` was given them.
    ///   - gradients: derivatives of the loss with respect to the contexts, `[B, N, D]`.
    ///   - sums: receives the gradients.
    /// - Throws: if a prompt is longer than the context.
    public func accumulate(
        _ features: [TextFeatures],
        gradients: StreamTexts,
        into sums: any GradientSink
    ) throws {
        let groups = Dictionary(grouping: features.indices) { Prompt(features[$0]) }
        // In the order of the items: sums of floating point numbers depend on it.
        for (prompt, items) in groups.sorted(by: { $0.value[0] < $1.value[0] }) {
            try backward(
                connectors.video,
                prompt.video,
                seed(gradients.video, items),
                video,
                into: sums
            )
            try backward(
                connectors.audio,
                prompt.audio,
                seed(gradients.audio, items),
                audio,
                into: sums
            )
        }
    }

    /// What all items of one prompt ask of its context, `[1, N, D]`.
    private func seed(_ gradients: Tensor?, _ items: [Int]) -> Tensor? {
        guard let gradients else { return nil }
        let parts = items.map { gradients.narrow(0, from: $0, count: 1) }
        return parts.count == 1 ? parts[0] : Tensor.concatenate(parts, axis: 0).sum([0], keep: true)
    }

    private func backward(
        _ connector: Connector,
        _ features: Tensor,
        _ seed: Tensor?,
        _ parameters: [Int: Tensor],
        into sums: any GradientSink
    ) throws {
        guard let seed, !parameters.isEmpty else { return }
        let context = try recordingGradients { try connector(features, length: length) }
        guard context.requiresGradient else { return }
        let order = parameters.keys.sorted()
        let found = gradients(
            of: [context],
            seeds: [seed.to(context.dtype, on: context.device)],
            for: order.compactMap { parameters[$0] }
        )
        for (index, gradient) in zip(order, found) {
            if let gradient { sums.add(gradient, at: index) }
        }
    }
}

/// Features told apart by being the same tensors, so that a prompt is worked on once per batch.
private struct Prompt: Hashable {
    let video: Tensor
    let audio: Tensor

    init(_ features: TextFeatures) {
        video = features.video
        audio = features.forAudio
    }

    static func == (first: Prompt, second: Prompt) -> Bool {
        first.video === second.video && first.audio === second.audio
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(video))
        hasher.combine(ObjectIdentifier(audio))
    }
}

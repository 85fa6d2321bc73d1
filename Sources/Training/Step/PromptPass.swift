public import Adapters
public import LTXModel
import Torch

/// The texts of batches where connectors may be trained: then contexts change from step to step.
///
/// Without connectors everything here leaves a batch as it is.
public struct PromptPass {
    private let connectors: [Lesson: ConnectorPass]

    /// Nothing of the texts is trained.
    public static var fixed: PromptPass { PromptPass(connectors: [:]) }

    private init(connectors: [Lesson: ConnectorPass]) { self.connectors = connectors }

    /// A pass for each lesson through connectors that have adapters; nil connectors have none.
    public init(_ connectors: TextConnectors?, length: Int, layout: (Pathways) -> ParameterLayout) {
        guard let connectors else {
            self = .fixed
            return
        }
        let pairs = Lesson.allCases.map { lesson in
            (lesson, ConnectorPass(connectors, layout: layout(lesson.teaches), length: length))
        }
        self.init(connectors: Dictionary(uniqueKeysWithValues: pairs))
    }

    /// Whether a pathway learns.
    public typealias Pathways = (Pathway) -> Bool

    /// Whether gradients of the texts are worth computing.
    func learns(_ lesson: Lesson) -> Bool { connectors[lesson]?.hasParameters ?? false }

    /// The batch with contexts as the connectors make them now, with whatever is attached to them.
    public func current(_ batch: TrainingBatch) throws -> TrainingBatch {
        guard let pass = connectors[.both] else { return batch }
        let own = try contexts(pass, batch.items.map(\.features))
        let preserved = try contexts(pass, batch.items.map(\.preservedFeatures))
        let items = batch.items.indices.map { index in
            batch.items[index].replacingTexts(own[index], preserved: preserved[index])
        }
        return TrainingBatch(items: items, fps: batch.fps, epoch: batch.epoch)
    }

    private func contexts(
        _ pass: ConnectorPass,
        _ features: [TextFeatures?]
    ) throws -> [TextContext?] {
        let given = features.compactMap(\.self)
        guard given.count == features.count else { return features.map { _ in nil } }
        return try pass.contexts(of: given)
    }

    /// An input as the base model reads it: with the contexts of the untrained connectors.
    func baseInput(
        _ input: TransformerInput,
        of batch: TrainingBatch,
        preserved: Bool = false
    ) -> TransformerInput {
        guard connectors[.both] != nil else { return input }
        let contexts = batch.items.map { preserved ? $0.preservedText ?? $0.text : $0.text }
        var copy = input
        copy.texts = StreamTexts(
            video: input.video.map { joined(contexts.map(\.video), like: $0.text) },
            audio: input.audio.map { joined(contexts.map(\.audio), like: $0.text) }
        )
        return copy
    }

    private func joined(_ texts: [Tensor], like other: Tensor) -> Tensor {
        Tensor.concatenate(texts.map { $0.to(on: other.device) }, axis: 0)
    }

    /// Adds the gradients of the connectors' adapters.
    func accumulate(
        _ gradients: StreamTexts,
        of batch: TrainingBatch,
        _ lesson: Lesson,
        preserved: Bool = false,
        into sums: any GradientSink
    ) throws {
        let features = batch.items.compactMap { preserved ? $0.preservedFeatures : $0.features }
        guard let pass = connectors[lesson], features.count == batch.items.count else { return }
        try pass.accumulate(features, gradients: gradients, into: sums)
    }
}

extension TrainingItem {
    /// The item with other contexts; nil keeps what there is.
    fileprivate func replacingTexts(_ own: TextContext?, preserved: TextContext?) -> TrainingItem {
        var copy = TrainingItem(
            name: name,
            video: video,
            audio: audio,
            text: own ?? text,
            settings: settings,
            preservedText: preserved ?? preservedText
        )
        copy.features = features
        copy.preservedFeatures = preservedFeatures
        return copy
    }
}

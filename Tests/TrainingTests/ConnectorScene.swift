import Adapters
import LTXModel
import Torch

@testable import Training

/// A recorded model with its connectors, adapters with drawn numbers, and a noisy batch of three items.
///
/// The first and the last item share their prompt.
struct ConnectorScene {
    static let length = 16

    let transformer: Transformer
    let connectors: TextConnectors
    let network: AdapterNetwork
    let features: [TextFeatures]
    private let plain: TransformerInput
    private let targets: StreamState

    /// A scene of version 20 or 23; the blocks may stay without adapters.
    init(
        _ version: String,
        onlyConnectors: Bool = false,
        dropout: AdapterDropout = .none,
        dtype: DType = .float32
    ) throws {
        let random = try RandomGenerator(seed: 21)
        let path = "\(TrainingFixture.recordings)/ltx\(version)_single.safetensors"
        let checkpoint = try Checkpoint(path: path)
        transformer = try checkpoint.transformer(dtype: dtype, device: .cpu)
        let connectors = try checkpoint.textConnectors(dtype: dtype, device: .cpu)
        self.connectors = connectors
        let layers = (onlyConnectors ? [] : transformer.blockLinears) + connectors.linears
        network = try Self.network(layers, dropout, random)
        network.prepareStep(random: try RandomGenerator(seed: 6))
        let prompts = [5, 9].map { Self.prompt($0, connectors, random) }
        features = [prompts[0], prompts[1], prompts[0]]
        let shapes = [[3, 12, 4], [3, 7, 8]]
        targets = StreamState(video: random.normal(shapes[0]), audio: random.normal(shapes[1]))
        func modality(_ shape: [Int], _ sigmas: [Float]) -> ModalityInput {
            // The contexts take the place of this text.
            ModalityInput(
                latent: random.normal(shape),
                sigma: Tensor(sigmas),
                text: .zeros([3, 1, 1])
            )
        }
        plain = TransformerInput(
            video: modality(shapes[0], [0.3, 0.6, 0.9]),
            audio: modality(shapes[1], [0.8, 0.5, 0.2]),
            grid: VideoGrid(frames: 3, height: 2, width: 2, fps: 24)
        )
    }

    private static func network(
        _ layers: [Linear],
        _ dropout: AdapterDropout,
        _ random: RandomGenerator
    ) throws -> AdapterNetwork {
        try AdapterNetwork(layers: layers, rules: AdapterRules()) { layer in
            LowRankAdapter(
                down: random.normal([4, layer.inputCount]) * 0.2,
                up: random.normal([layer.outputCount, 4]) * 0.2,
                dropout: dropout
            )
        }
    }

    private static func prompt(
        _ tokens: Int,
        _ connectors: TextConnectors,
        _ random: RandomGenerator
    ) -> TextFeatures {
        let (video, audio) = (connectors.video.linears[0], connectors.audio.linears[0])
        let isShared = video.inputCount == audio.inputCount
        return TextFeatures(
            video: random.normal([tokens, video.inputCount]),
            audio: isShared ? nil : random.normal([tokens, audio.inputCount])
        )
    }

    /// The call of the transformer with these contexts as its texts.
    func input(_ contexts: [TextContext]) -> TransformerInput {
        var input = plain
        input.texts = StreamTexts(
            video: .concatenate(contexts.map(\.video), axis: 0),
            audio: .concatenate(contexts.map(\.audio), axis: 0)
        )
        return input
    }

    /// Mean squared error of those modalities that count.
    func loss(_ velocities: StreamState, video: Bool = true, audio: Bool = true) -> Tensor {
        func error(_ seen: Tensor?, _ wanted: Tensor?) -> Tensor? {
            guard let seen, let wanted else { return nil }
            let difference = seen - wanted
            return (difference * difference).mean()
        }
        let losses = [
            video ? error(velocities.video, targets.video) : nil,
            audio ? error(velocities.audio, targets.audio) : nil,
        ]
        return losses.compactMap(\.self).reduce(.zeros([]), +)
    }

    func connectorPass(where learns: (Pathway) -> Bool = { _ in true }) -> ConnectorPass {
        ConnectorPass(
            connectors,
            layout: ParameterLayout(network, where: learns),
            length: Self.length
        )
    }

    func blockwisePass(checkpointing: Bool) -> BlockwisePass {
        BlockwisePass(
            transformer,
            layout: ParameterLayout(network),
            checkpointing: checkpointing ? .all : .none
        )
    }

    /// Derivatives of the loss with respect to `inputs`, from one record of connectors and transformer.
    func wholeGraph(for inputs: [Tensor]) throws -> [Tensor?] {
        let whole = try recordingGradients {
            let contexts = try features.map {
                try connectors.context(of: $0, length: Self.length)
            }
            return loss(transformer(input(contexts)))
        }
        return gradients(of: [whole], seeds: [Tensor.full([], 1)], for: inputs)
    }
}

import Adapters
import ClipCache
import Foundation
import LTXModel
import Safetensors
import Torch

@testable import Training

/// The recorded model of LTX-2.3, drawn clips for it, and folders that go away.
enum TrainingFixture {
    static let recordings = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources/Verification/Recordings").path

    static func file(_ name: String) throws -> SafetensorsFile {
        try SafetensorsFile(path: "\(recordings)/\(name).safetensors")
    }

    static func transformer() throws -> Transformer {
        try Checkpoint(path: "\(recordings)/ltx23_single.safetensors")
            .transformer(dtype: .float32, device: .cpu)
    }

    /// Six blocks of the recorded model's sizes with drawn weights, a share of them in host memory.
    static func drawnTransformer(share: Double, slots: Int = 2) throws -> Transformer {
        var config = try transformer().config
        config.blockCount = 6
        let reader = WeightReader(try DrawnWeights(seed: 3), named: "drawn", dtype: .float32)
        return try withTorchErrors {
            let made = Transformer(
                reader.root,
                config: config,
                offloading: BlockOffloading(device: .cpu, share: share, slotCount: slots)
            )
            try reader.finish()
            return made
        }
    }

    /// Adapters of rank 4; B is drawn too if `filled`, so that gradients reach A.
    static func network(
        _ transformer: Transformer,
        only: [String]? = nil,
        dropout: AdapterDropout = .none,
        includesAudio: Bool = true,
        filled: Bool = false
    ) throws -> AdapterNetwork {
        var rules = AdapterRules()
        rules.onlyIfContains = only
        rules.includesAudio = includesAudio
        let random = try RandomGenerator(seed: 11)
        return try AdapterNetwork(layers: transformer.blockLinears, rules: rules) { layer in
            let fresh = LowRankAdapter(
                for: layer,
                rank: 4,
                dropout: dropout,
                random: random,
                device: .cpu
            )
            guard filled else { return fresh }
            let up = random.normal([layer.outputCount, 4]) * 0.2
            return LowRankAdapter(down: fresh.down.detach(), up: up, dropout: dropout)
        }
    }

    /// A clip of 3 latent frames of 2 by 2 with 7 audio latents; the prompt has 5 tokens.
    static func item(
        _ name: String,
        seed: UInt64,
        sound: Int? = 7,
        frames: Int = 3,
        firstFrame: Double = 0,
        multiplier: Double = 1,
        settings: TrainingItem.Settings = TrainingItem.Settings()
    ) throws -> TrainingItem {
        var settings = settings
        settings.firstFrameProbability = firstFrame
        settings.lossMultiplier = multiplier
        let random = try RandomGenerator(seed: seed)
        func buffer(_ shape: [Int]) -> FloatBuffer {
            FloatBuffer(shape: shape, values: random.normal(shape).floats())
        }
        let text = TextContext(video: random.normal([1, 5, 32]), audio: random.normal([1, 5, 16]))
        return TrainingItem(
            name: name,
            video: buffer([4, frames, 2, 2]),
            audio: sound.map { buffer([$0, 8]) },
            text: text,
            settings: settings
        )
    }

    static func batch(_ items: [TrainingItem], epoch: Int = 0) -> TrainingBatch {
        TrainingBatch(items: items, fps: 24, epoch: epoch)
    }
}

/// Deals a list of batches over and over.
final class ListSource: BatchSource {
    private let batches: [TrainingBatch]
    private var dealt = 0

    init(_ batches: [TrainingBatch]) { self.batches = batches }

    func next() throws -> TrainingBatch {
        defer { dealt += 1 }
        return batches[dealt % batches.count]
    }

    var position: String { String(dealt) }

    func restore(_ position: String) throws { dealt = Int(position) ?? 0 }
}

/// Keeps what a run tells.
final class EventList: TrainingListener {
    private(set) var events: [TrainingEvent] = []

    func handle(_ event: TrainingEvent) { events.append(event) }

    func forget() { events = [] }

    var notices: [String] {
        events.compactMap { if case .notice(let text) = $0 { text } else { nil } }
    }

    var steps: [StepReport] {
        events.compactMap { if case .step(let report, _) = $0 { report } else { nil } }
    }
}

/// A folder for one test.
final class TemporaryFolder {
    let path = NSTemporaryDirectory() + "/likeness-training-\(UUID().uuidString)"

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func names(_ inner: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(inner)").sorted()
    }
}

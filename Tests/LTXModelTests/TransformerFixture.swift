import Foundation
import Safetensors
import Testing
import Torch

@testable import LTXModel

/// The recorded transformers, and inputs of their shape.
enum TransformerFixture {
    static func path(_ version: String, diffusers: Bool = false) -> String {
        let single = version == "25" ? "ltx25_transformer" : "ltx\(version)_single"
        return "\(Fixture.folder)/"
            + (diffusers ? "ltx\(version)_diffusers" : single + ".safetensors")
    }

    static func checkpoint(_ version: String, diffusers: Bool = false) throws -> Checkpoint {
        try Checkpoint(path: path(version, diffusers: diffusers))
    }

    static func model(_ version: String, diffusers: Bool = false) throws -> Transformer {
        try checkpoint(version, diffusers: diffusers).transformer(dtype: .float32, device: .cpu)
    }

    static func model(_ source: any WeightSource, _ config: TransformerConfiguration) throws
        -> Transformer
    {
        let reader = WeightReader(source, named: "test", dtype: nil)
        let model = Transformer(reader.root, config: config)
        try reader.finish()
        return model
    }

    /// The recorded inputs; `image` gives the first picture and lets sound have its own noise level.
    static func input(_ version: String, image: Bool = false) throws -> TransformerInput {
        let recording = try Recording("ltx\(version)_transformer_io")
        func sigmas(_ name: String) throws -> Tensor {
            try recording.tensor(name) / Tensor([1000] as [Float])
        }
        let perToken = try sigmas("in.timestep.i2v")
        let levels = (0..<2).map { perToken.select(0, $0).floats() }
        let mask = try recording.tensor("in.encoder_attention_mask")
        let video = try ModalityInput(
            latent: recording.tensor("in.hidden_states"),
            sigma: sigmas("in.sigma"),
            levels: image ? NoiseLevels(perToken: levels, device: .cpu) : nil,
            text: recording.tensor("in.encoder_hidden_states"),
            textMask: mask
        )
        let audio = try ModalityInput(
            latent: recording.tensor("in.audio_hidden_states"),
            sigma: sigmas(image ? "in.audio_sigma" : "in.sigma"),
            text: recording.tensor("in.audio_encoder_hidden_states"),
            textMask: mask
        )
        let grid = VideoGrid(frames: 3, height: 2, width: 3, fps: 24)
        return TransformerInput(video: video, audio: audio, grid: grid)
    }
}

/// Weights that exist only as names and shapes: each is one number that looks like a whole tensor.
final class ShapeOnlyWeights: WeightSource {
    private let source: ShapeList
    private let prefix: String
    private(set) var asked: Set<String> = []

    init(_ name: String, below prefix: String) throws {
        source = try ShapeList(name)
        self.prefix = prefix
    }

    var names: [String] {
        source.names.compactMap { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : nil }
    }

    func shape(of name: String) -> [Int]? { source.shape(of: prefix + name) }

    func load(_ name: String) throws -> Tensor {
        asked.insert(name)
        return try source.load(prefix + name)
    }
}

import Foundation
import Safetensors
import Testing
import Torch

@testable import LTXModel

/// Against features and contexts recorded from diffusers' `LTX2TextConnectors`.
@Suite("Text path") struct TextPathTests {
    /// The text path of a recorded checkpoint, in one of its two layouts.
    struct Loaded {
        let projection: TextProjection
        let connectors: TextConnectors

        init(_ version: String, diffusers: Bool, hiddenWidth: Int = 24, stateCount: Int = 4) throws
        {
            let source = try diffusers ? Self.diffusers(version) : Self.original(version)
            let configuration = try TextPathTests.configuration(version, diffusers: diffusers)
            let reader = WeightReader(source, named: version, dtype: nil)
            projection = TextProjection(
                reader.root / "text_embedding_projection",
                configuration,
                hiddenWidth: hiddenWidth,
                stateCount: stateCount
            )
            connectors = TextConnectors(reader.root, configuration)
            try reader.finish()
        }

        static func original(_ version: String) throws -> FileWeights {
            let prefix = "model.diffusion_model."
            return FileWeights(try Fixture.files("ltx\(version)_single")) { name in
                if name.hasPrefix("text_embedding_projection.") { return name }
                guard name.hasPrefix(prefix), name.contains("_embeddings_connector.") else {
                    return nil
                }
                return String(name.dropFirst(prefix.count))
            }
        }

        static func diffusers(_ version: String) throws -> FileWeights {
            FileWeights(try Fixture.files("ltx\(version)_diffusers/connectors")) {
                DiffusersNames.connectors($0) ?? DiffusersNames.textProjection($0)
            }
        }
    }

    static func configuration(_ version: String, diffusers: Bool) throws -> TextConfiguration {
        if diffusers {
            let path = "ltx\(version)_diffusers/connectors/config.json"
            return try TextConfiguration(diffusers: Fixture.configuration(path))
        }
        let files = try Fixture.files("ltx\(version)_single")
        return try TextConfiguration(original: Fixture.metadata(files, "transformer"))
    }

    /// The recorded hidden states of one prompt without its padding, `[S, D]` each.
    private func states(_ recording: Recording, sample: Int) throws -> [Tensor] {
        let mask = try recording.tensor("in.attention_mask").select(0, sample).integers()
        let padding = mask.prefix { $0 == 0 }.count
        let all = try recording.tensor("in.hidden_states").select(0, sample)  // [S, D, L]
        let real = all.narrow(0, from: padding, count: mask.count - padding)
        return (0..<real.size(2)).map { real.select(2, $0) }
    }

    @Test(
        "both contexts agree with the reference in both layouts",
        arguments: ["20", "23"],
        [false, true]
    )
    func contexts(version: String, diffusers: Bool) throws {
        let recording = try Recording("ltx\(version)_connectors_io")
        try running {
            let path = try Loaded(version, diffusers: diffusers)
            for sample in 0..<2 {
                let features = try path.projection(states(recording, sample: sample))
                #expect((features.audio == nil) == (version == "20"))
                let context = try path.connectors.context(of: features, length: 16)
                try recording.expect(context.video, agreesWith: "out.video") {
                    $0.narrow(0, from: sample, count: 1)
                }
                try recording.expect(context.audio, agreesWith: "out.audio") {
                    $0.narrow(0, from: sample, count: 1)
                }
            }
        }
    }

    @Test("projecting in small chunks gives the same features", arguments: ["20", "23"])
    func chunks(version: String) throws {
        let recording = try Recording("ltx\(version)_connectors_io")
        try running {
            let projection = try Loaded(version, diffusers: false).projection
            let states = try states(recording, sample: 0)
            let whole = try projection(states)
            let parts = try projection(states, chunk: 7)
            #expect(parts.video.relativeDifference(from: whole.video) <= 1e-6)
            if let audio = whole.audio {
                #expect(try #require(parts.audio).relativeDifference(from: audio) <= 1e-6)
            }
        }
    }

    @Test("token numbers become a context of the usual length")
    func wholePath() throws {
        try running {
            let path = try Loaded("23", diffusers: false)
            let encoder = try GemmaModelTests.model(GemmaModelTests.weights())
            let extractor = TextFeatureExtractor(encoder: encoder, projection: path.projection)

            let features = try extractor.features(of: [2, 40, 41, 42])
            #expect(features.video.shape == [4, 32])
            #expect(features.audio?.shape == [4, 16])

            let context = try path.connectors.context(of: features)
            #expect(context.video.shape == [1, 1024, 32])
            #expect(context.audio.shape == [1, 1024, 16])
            #expect(context.video.isFinite && context.audio.isFinite)
        }
    }

    @Test("every weight of the real models is known", arguments: ["20", "23"])
    func realShapes(version: String) throws {
        let source = try ShapeList("ltx\(version)_connectors")
        #expect(source.names.count == (version == "20" ? 59 : 262))
        var configuration = try Self.configuration(version, diffusers: false)
        configuration.video.registerCount = 128
        configuration.audio.registerCount = 128
        configuration.video.blockCount = version == "20" ? 2 : 8
        configuration.audio.blockCount = configuration.video.blockCount
        (configuration.video.heads, configuration.video.headWidth) =
            version == "20" ? (30, 128) : (32, 128)
        (configuration.audio.heads, configuration.audio.headWidth) =
            version == "20" ? (30, 128) : (32, 64)
        try running {
            let reader = WeightReader(source, named: version, dtype: nil)
            _ = TextProjection(
                reader.root / "text_embedding_projection",
                configuration,
                hiddenWidth: 3840,
                stateCount: 49
            )
            let connectors = TextConnectors(
                reader.root / "model" / "diffusion_model",
                configuration
            )
            try reader.finish()
            #expect(connectors.linears.count == (version == "20" ? 24 : 112))
            let matrices = source.names.filter {
                $0.contains("_embeddings_connector.") && $0.hasSuffix(".weight")
                    && !$0.contains("_norm")
            }
            #expect(Set(connectors.linears.map { $0.path + ".weight" }) == Set(matrices))
        }
    }

    @Test("adapters of connectors are named as the diffusion model and the text encoder name them")
    func adapterNames() throws {
        try running {
            for version in ["20", "23"] {
                let layer = try Loaded(version, diffusers: true).connectors.linears[0]
                #expect(
                    layer.path == "video_embeddings_connector.transformer_1d_blocks.0.attn1.to_q"
                )
            }
        }
        let path = "audio_embeddings_connector.transformer_1d_blocks.1.ff.net.0.proj"
        for version in [ModelVersion.ltx23, .ltx25] {
            let names = TextConnectors.adapterNames(of: path, in: version)
            #expect(names == ["diffusion_model." + path])
        }
        #expect(
            TextConnectors.adapterNames(of: path, in: .ltx20)
                == ["diffusion_model." + path, "text_encoders." + path]
        )
    }

    @Test("prompts and states that do not fit are refused with what to do")
    func refused() throws {
        try running {
            let path = try Loaded("20", diffusers: false)
            let long = TextFeatures(video: Tensor.zeros([17, 24]))
            #expect(
                throws: ModelInputError(
                    "text connector: got 17 tokens for a context of 16, should be at most that many in a multiple of 4; shorten the prompt"
                )
            ) {
                try path.connectors.context(of: long, length: 16)
            }
            #expect(
                throws: ModelInputError(
                    "text projection: got 3 hidden states of width 24, should be 4 of 24; use the text encoder that belongs to this checkpoint"
                )
            ) {
                try path.projection(Array(repeating: Tensor.zeros([5, 24]), count: 3))
            }
        }
    }

    @Test("an unknown kind of normalisation is refused")
    func unknownNormalization() throws {
        let json = #"{"rope_type": "split", "text_encoder_norm_type": "layer"}"#
        let config = try ConfigObject(json: Data(json.utf8), path: "config.transformer")
        #expect(
            throws: ConfigurationError(
                "config.transformer.text_encoder_norm_type: is layer, should be absent or per_token_rms; use an original LTX-2 checkpoint"
            )
        ) {
            try TextConfiguration(original: config)
        }
    }
}

/// Names and shapes of a real model, without its numbers.
final class ShapeList: WeightSource {
    private var shapes: [String: [Int]] = [:]

    init(_ name: String) throws {
        let text = try String(
            contentsOfFile: "\(Fixture.folder)/shapes/\(name).tsv",
            encoding: .utf8
        )
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let columns = line.split(separator: "\t")
            let shape = columns[1].split(separator: ",").compactMap { Int($0) }
            for name in Self.spread(String(columns[0])) { shapes[name] = shape }
        }
    }

    var names: [String] { shapes.keys.sorted() }

    func shape(of name: String) -> [Int]? { shapes[name] }

    /// A number that looks like a whole tensor.
    func load(_ name: String) throws -> Tensor {
        let shape = try #require(shapes[name])
        return Tensor.zeros(Array(repeating: 1, count: shape.count)).expand(shape)
    }

    /// `a.{0...2}.b` stands for three names.
    private static func spread(_ pattern: String) -> [String] {
        guard let match = pattern.firstMatch(of: /\{(\d+)\.\.\.(\d+)\}/),
            let first = Int(match.1), let last = Int(match.2)
        else { return [pattern] }
        return (first...last).map {
            pattern.replacingCharacters(in: match.range, with: String($0))
        }
    }
}

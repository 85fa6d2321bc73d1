import Foundation
import Safetensors
import Testing
import Torch

@testable import LTXModel

/// Beyond what `VerificationTests` compare with diffusers: modalities alone, ways of modulation, masks.
@Suite("Transformer") struct TransformerTests {
    @Test("agrees with the reference for a shared noise level", arguments: ["20", "23", "25"])
    func reference(version: String) throws {
        let recording = try Recording("ltx\(version)_transformer_io")
        try running {
            let found = try TransformerFixture.model(version)(TransformerFixture.input(version))
            try recording.expect(#require(found.video), agreesWith: "out.t2v.video")
            try recording.expect(#require(found.audio), agreesWith: "out.t2v.audio")
        }
    }

    @Test("one modality alone gives what it gives beside the other without attention between them")
    func alone() throws {
        let recording = try Recording("ltx23_transformer_io")
        try running {
            let model = try TransformerFixture.model("23")
            var input = try TransformerFixture.input("23")
            let audio = input.audio
            input.audio = nil
            let seen = model(input)
            #expect(seen.audio == nil)
            try recording.expect(#require(seen.video), agreesWith: "out.isolated.video")

            input.video = nil
            input.audio = audio
            let heard = model(input)
            #expect(heard.video == nil)
            try recording.expect(#require(heard.audio), agreesWith: "out.isolated.audio")
        }
    }

    @Test("the three ways of modulation agree for one noise level and differ for two")
    func modulations() throws {
        try running {
            let model = try TransformerFixture.model("23")
            func outputs(image: Bool) throws -> [Tensor] {
                try CrossModulation.allCases.map { kind in
                    var input = try TransformerFixture.input("23", image: image)
                    input.crossModulation = kind
                    return try #require(model(input).video)
                }
            }
            let same = try outputs(image: false)
            #expect(same[1].relativeDifference(from: same[0]) <= 1e-6)
            #expect(same[2].relativeDifference(from: same[0]) <= 1e-6)

            let different = try outputs(image: true)
            for (first, second) in [(0, 1), (0, 2), (1, 2)] {
                #expect(different[first].relativeDifference(from: different[second]) > 1e-3)
            }
        }
    }

    @Test("the official way takes scales from the own tokens and gates from the other modality")
    func official() throws {
        try running {
            let model = try TransformerFixture.model("23")
            let input = try TransformerFixture.input("23", image: true)
            func conditions(_ kind: CrossModulation) throws -> StreamConditions {
                var input = input
                input.crossModulation = kind
                return try #require(model.conditions(for: input).video)
            }
            let (own, cross) = try (conditions(.own), conditions(.cross))
            let official = try conditions(.official)
            func rows(_ rows: Tensor, _ levels: NoiseLevels) -> Tensor {
                levels.spread(rows.select(1, 0)).expand([2, 18, 32])
            }
            let scales = [own, cross, official].map { rows($0.crossRows, $0.crossLevels) }
            let gates = [own, cross, official].map { rows($0.gateRows, $0.gateLevels) }
            #expect(scales[2].relativeDifference(from: scales[0]) == 0)
            #expect(scales[2].relativeDifference(from: scales[1]) > 1e-3)
            #expect(gates[2].relativeDifference(from: gates[1]) == 0)
            #expect(gates[2].relativeDifference(from: gates[0]) > 1e-3)
        }
    }

    @Test("2.0 is modulated as it was released, later versions in the official way")
    func defaults() throws {
        #expect(
            try TransformerFixture.checkpoint("20").transformerConfiguration.crossModulation == .own
        )
        #expect(
            try TransformerFixture.checkpoint("23").transformerConfiguration.crossModulation
                == .official
        )
    }

    @Test("tokens that are hidden by a mask have no part in the others' results")
    func hiddenTokens() throws {
        try running {
            let model = try TransformerFixture.model("23")
            var short = try TransformerFixture.input("23")
            let sound = try #require(short.audio)
            var long = short
            short.audio?.latent = sound.latent.narrow(1, from: 0, count: 5)
            long.audio?.latent = Tensor.concatenate(
                [sound.latent.narrow(1, from: 0, count: 5), Tensor.full([2, 2, 8], 50)],
                axis: 1
            )
            long.audio?.tokenMask = Tensor(
                [1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0, 0] as [Float],
                shape: [2, 7]
            )
            let (expected, found) = (model(short), model(long))
            let video = try #require(expected.video)
            #expect(try #require(found.video).relativeDifference(from: video) <= 1e-5)
            let heard = try #require(found.audio).narrow(1, from: 0, count: 5)
            #expect(heard.relativeDifference(from: try #require(expected.audio)) <= 1e-5)
        }
    }

    @Test("key frames are marked only where the checkpoint has an embedding for them")
    func keyframes() throws {
        try running {
            for (version, changes) in [("23", false), ("25", true)] {
                let model = try TransformerFixture.model(version)
                var input = try TransformerFixture.input(version)
                let plain = try #require(model(input).video)
                input.keyframes = Tensor.full([2, 18, 1], 1)
                let marked = try #require(model(input).video)
                #expect((marked.relativeDifference(from: plain) > 1e-4) == changes)
            }
        }
    }

    @Test("bfloat16 weights give nearly the same velocities, in float32")
    func bfloat16() throws {
        try running {
            let checkpoint = try TransformerFixture.checkpoint("23")
            let small = try checkpoint.transformer(dtype: .bfloat16, device: .cpu)
            let input = try TransformerFixture.input("23")
            let exact = try #require(TransformerFixture.model("23")(input).video)
            let found = try #require(small(input).video)
            #expect(found.dtype == .float32)
            #expect(found.relativeDifference(from: exact) < 0.05)
        }
    }
}

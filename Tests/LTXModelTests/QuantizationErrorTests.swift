import Foundation
import Testing
import Torch

@testable import LTXModel

/// What each format costs: the error of the weights, and of the velocities behind them.
@Suite("Errors of quantisation") struct QuantizationErrorTests {
    /// The least ratio of any kind of layer, in dB: normal weights have 20.7 in 4 bits by groups of 64, 31.6
    /// in the 3 bits of a float8's fraction, 44 and more in 8 bits per row of 128 columns and fewer.
    static let bounds: [(WeightFormat, decibels: Double)] = [
        (.float8, 31), (.int8, 43), (.int4, 20), (.nf4, 20),
    ]

    private func velocities(_ model: Transformer) throws -> [Tensor] {
        let output = try model(TransformerFixture.input("23"))
        return try [#require(output.video), #require(output.audio)]
    }

    @Test("weights and velocities stay within the bounds of each format", arguments: bounds)
    func errors(format: WeightFormat, decibels: Double) throws {
        try running {
            let checkpoint = try TransformerFixture.checkpoint("23")
            let model = try checkpoint.transformer(
                dtype: .float32,
                device: .cpu,
                quantization: .transformer(format)
            )
            let rows = try QuantizationReport(model, of: checkpoint).rows
            #expect(
                rows.map(\.kind) == [
                    "attn1", "attn2", "ff", "audio_attn1", "audio_attn2", "audio_ff",
                    "audio_to_video_attn", "video_to_audio_attn",
                ]
            )
            #expect(rows.reduce(0) { $0 + $1.layers } == 56)
            for row in rows { #expect(row.decibels > decibels, "\(row.kind)") }
            let exact = try velocities(TransformerFixture.model("23"))
            let errors = zip(try velocities(model), exact).map(error)
            // Some layers behind each other add up, but not to twice the error of the weights.
            let limit = 2 * pow(10, -decibels / 20)
            for error in errors { #expect(error < limit && error > limit / 10) }
            let kinds = rows.map { "\($0.kind) \(text($0.decibels))" }.joined(separator: ", ")
            print("evidence \(format): \(kinds) dB; velocities \(errors.map(text))")
        }
    }

    @Test("keeping the first and the last of eight blocks gains no more than keeping others does")
    func ends() throws {
        try running {
            let exact = try velocities(keeping: Set(0..<8))
            let errors = try ([[], [0, 7], [0, 1], [3, 4], [6, 7]] as [Set<Int>]).map { kept in
                let errors = zip(try velocities(keeping: kept), exact).map(error)
                print(
                    "evidence nf4 without blocks \(kept.sorted()): velocities \(errors.map(text))"
                )
                return errors.reduce(0, +)
            }
            #expect(errors[1] > 0.7 * errors[0])
            #expect(errors[1] > (errors[2...].min() ?? 0))
        }
    }

    /// Velocities of eight drawn blocks in nf4, but for those that are kept.
    private func velocities(keeping kept: Set<Int>) throws -> [Tensor] {
        var config = try TransformerFixture.checkpoint("23").transformerConfiguration
        config.blockCount = 8
        let rules = QuantizationRules.transformer(.nf4)
        let reader = WeightReader(try DrawnWeights(seed: 3), named: "drawn", dtype: .float32) {
            let block = $0.split(separator: ".").dropFirst().first.flatMap { Int($0) }
            return block.map(kept.contains) == true ? nil : rules.format(of: $0)
        }
        return try velocities(Transformer(reader.root, config: config))
    }

    private func error(_ found: Tensor, _ expected: Tensor) -> Double {
        rootMeanSquare(found - expected) / rootMeanSquare(expected)
    }

    private func text(_ value: Double) -> String {
        String(format: value < 1 ? "%.4f" : "%.1f", value)
    }

    private func rootMeanSquare(_ x: Tensor) -> Double { (x * x).mean().item().squareRoot() }

    @Test("a file that is in codes already has no error to tell")
    func stored() throws {
        try running {
            let path = "\(Fixture.folder)/ltx23_fp8.safetensors"
            let checkpoint = try Checkpoint(path: path)
            let model = try checkpoint.transformer(dtype: .float32, device: .cpu)
            #expect(try QuantizationReport(model, of: checkpoint).rows.isEmpty)
        }
    }
}

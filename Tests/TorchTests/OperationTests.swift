import Foundation
import Testing

@testable import Torch

/// Operations against formulas worked out by hand or in plain Swift.
@Suite("Operations") struct OperationTests {
    private let x: [Float] = [-2, -0.5, 0, 0.25, 1, 3]

    @Test("functions of one number agree with their formulas")
    func elementwise() throws {
        let functions: [(String, (Tensor) -> Tensor, (Double) -> Double)] = [
            ("exp", { $0.exp() }, { exp($0) }),
            ("sigmoid", { $0.sigmoid() }, { 1 / (1 + exp(-$0)) }),
            ("silu", { $0.silu() }, { $0 / (1 + exp(-$0)) }),
            (
                "gelu", { $0.gelu() },
                {
                    0.5 * $0
                        * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)))
                }
            ),
            ("tanh", { $0.tanh() }, { tanh($0) }), ("sin", { $0.sin() }, { sin($0) }),
            ("cos", { $0.cos() }, { cos($0) }), ("absolute", { $0.absolute() }, { abs($0) }),
            ("power", { $0.power(2) }, { $0 * $0 }),
            ("clamp", { $0.clamped(-1, 1) }, { min(1, max(-1, $0)) }),
            ("negate", { -$0 }, { -$0 }), ("divide", { $0 / 4 - 1 }, { $0 / 4 - 1 }),
        ]
        try withTorchErrors {
            for (name, operation, formula) in functions {
                let found = operation(Tensor(x)).floats()
                for (value, result) in zip(x, found) {
                    #expect(
                        abs(Double(result) - formula(Double(value))) < 1e-5,
                        "\(name) of \(value)"
                    )
                }
            }
        }
    }

    @Test("norms divide by what their formulas say")
    func norms() throws {
        try withTorchErrors {
            let values: [Double] = [1, 2, 4]
            let tensor = Tensor(values.map(Float.init))
            let root = ((1 + 4 + 16) / 3.0 + 0.5).squareRoot()
            let rms = tensor.rmsNorm(weight: Tensor([1, 1, 2] as [Float]), epsilon: 0.5).floats()
            #expect(
                zip(rms, [1 / root, 2 / root, 8 / root]).allSatisfy { abs(Double($0) - $1) < 1e-6 }
            )
            let mean = 7 / 3.0
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3
            let layer = tensor.layerNorm(epsilon: 0.5).floats()
            for (found, value) in zip(layer, values) {
                #expect(abs(Double(found) - (value - mean) / (variance + 0.5).squareRoot()) < 1e-6)
            }
        }
    }

    @Test("attention is the softmax of scaled scores; grouped heads share a key")
    func attention() throws {
        try withTorchErrors {
            let random = try RandomGenerator(seed: 4)
            let query = random.normal([1, 4, 3, 8])
            let (key, value) = (random.normal([1, 2, 5, 8]), random.normal([1, 2, 5, 8]))
            let bias = random.normal([1, 1, 3, 5])
            let found = query.attention(key: key, value: value, bias: bias, scale: 0.3)
            func shared(_ x: Tensor) -> Tensor {
                x.unsqueeze(2).expand([1, 2, 2, 5, 8]).reshape(1, 4, 5, 8)
            }
            let scores = (query.matmul(shared(key).transpose(2, 3)) * 0.3 + bias).exp()
            let expected = (scores / scores.sum([3], keep: true)).matmul(shared(value))
            #expect(found.relativeDifference(from: expected) < 1e-6)

            let causal = query.attention(key: query, value: query, scale: 0.3, causal: true)
            let firstRow = query.narrow(2, from: 0, count: 1)
            #expect(causal.narrow(2, from: 0, count: 1).relativeDifference(from: firstRow) < 1e-6)
        }
    }

    @Test("a convolution sums products at each place")
    func convolution() throws {
        try withTorchErrors {
            let signal = Tensor([1, 2, 3, 4, 5] as [Float], shape: [1, 1, 5])
            let weight = Tensor([1, 0, -1] as [Float], shape: [1, 1, 3])
            let plain = signal.convolution(weight, bias: Tensor([10] as [Float]))
            #expect(plain.floats() == [8, 8, 8])
            let padded = signal.convolution(weight, stride: [2], padding: [1])
            #expect(padded.floats() == [-2, -2, 4])
            let back = signal.convolution(weight, stride: [2], transposed: true)
            #expect(back.floats() == [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, -5])
        }
    }

    @Test("the spectrum of a tone is the Hann window's around its frequency")
    func spectrogram() throws {
        let (window, hop, bin) = (64, 16, 8)
        let tone = (0..<256).map { Float(cos(2 * Double.pi * Double(bin * $0) / Double(window))) }
        try withTorchErrors {
            let found = Tensor(tone, shape: [1, 256]).spectrogram(window: window, hop: hop)
            #expect(found.shape == [1, 33, 17])
            // Away from the ends: half the sum of the window at the tone, a quarter beside it.
            let middle = found.select(2, 8).floats()
            for (index, value) in middle.enumerated() {
                let expected: Float = index == bin ? 16 : abs(index - bin) == 1 ? 8 : 0
                #expect(abs(value - expected) < 1e-3, "bin \(index)")
            }
        }
    }

    @Test("reductions, joins and in-place operations")
    func structure() throws {
        try withTorchErrors {
            let tensor = Tensor([3, -4, 0, 12] as [Float], shape: [2, 2])
            #expect(tensor.sum([1]).floats() == [-1, 12])
            #expect(tensor.mean().item() == 2.75)
            #expect(tensor.largest([0]).floats() == [3, 12])
            #expect(tensor.smallest().item() == -4)
            #expect(Tensor.totalNorm([tensor]).item() == 13)
            #expect(Tensor.stack([tensor, tensor]).shape == [2, 2, 2])
            tensor.scale(by: 2)
            tensor.add(Tensor.full([2, 2], 1), factor: 3)
            #expect(tensor.floats() == [9, -5, 3, 27])
            tensor.copy(from: Tensor.full([2, 2], 5, dtype: .bfloat16))
            #expect(tensor.floats() == [5, 5, 5, 5])
            #expect(tensor.isFinite)
            #expect(!(tensor * Double.infinity).isFinite)
        }
    }
}

/// Streams of random numbers.
@Suite("Random numbers") struct RandomGeneratorTests {
    @Test("the same seed gives the same numbers, another seed others")
    func reproducible() throws {
        try withTorchErrors {
            let first = try RandomGenerator(seed: 5).normal([100])
            #expect(try RandomGenerator(seed: 5).normal([100]).floats() == first.floats())
            #expect(try RandomGenerator(seed: 6).normal([100]).floats() != first.floats())
        }
    }

    @Test("every step and purpose has a stream of its own, which needs no state to come back")
    func streams() throws {
        try withTorchErrors {
            var seen: Set<[Float]> = []
            for step in 0..<5 {
                for purpose in UInt64(0)..<5 {
                    let random = try RandomGenerator(seed: 1, step: step, purpose: purpose)
                    seen.insert(random.uniform([4]).floats())
                }
            }
            #expect(seen.count == 25)
            let again = try RandomGenerator(seed: 1, step: 3, purpose: 2).uniform([4]).floats()
            #expect(seen.contains(again))
        }
    }

    @Test("normal numbers have mean 0 and variance 1, uniform ones lie from 0 to 1")
    func moments() throws {
        try withTorchErrors {
            let normal = try RandomGenerator(seed: 7).normal([200_000])
            #expect(abs(normal.mean().item()) < 0.01)
            #expect(abs((normal * normal).mean().item() - 1) < 0.02)
            let uniform = try RandomGenerator(seed: 7).uniform([200_000])
            #expect(uniform.smallest().item() >= 0)
            #expect(uniform.largest().item() < 1)
            #expect(abs(uniform.mean().item() - 0.5) < 0.01)
        }
    }
}

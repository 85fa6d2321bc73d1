import Testing
import Torch

@testable import LoRATools

/// What a merge promises whatever the adapters are.
@Suite("Merging, promises")
struct MergeContractTests {
    private let samples: MergeSamples
    private let pair: [LowRankFactors]

    init() throws {
        samples = try MergeSamples(seed: 7)
        pair = samples.pair
    }

    private static let methods: [any MergeMethod] = [
        IsolateMethod(), IsolateMethod(kind: .flat), IsolateMethod(side: .both), ProtectMethod(0),
        ProtectMethod(1), DampMethod(), CalibratedMethod(),
    ]

    @Test("strength 0 changes nothing at all")
    func strengthZero() throws {
        let methods: [any MergeMethod] = [
            IsolateMethod(strength: 0), ProtectMethod(0, strength: 0), DampMethod(strength: 0),
        ]
        try withTorchErrors {
            let layer = MergeLayer(pair)
            for method in methods {
                let value49140 = try method.mixing(of: layer)
                #expect(value49140.isNone, "\(method.name)")
            }
        }
    }

    @Test("an adapter with B = 0 is absent: the other is left as it is")
    func absentAdapter() throws {
        try withTorchErrors {
            let dead = LowRankFactors(down: pair[1].down, up: pair[1].up * 0)
            let layer = MergeLayer([pair[0], dead])
            for method in Self.methods {
                let mixing = try method.mixing(of: layer)
                #expect(mixing.isNone, "\(method.name)")
                #expect(mixing.guards == [.alone], "\(method.name)")
            }
        }
    }

    @Test("an absent adapter changes nothing between two others")
    func absentAmongOthers() throws {
        try withTorchErrors {
            let dead = LowRankFactors(down: pair[1].down, up: pair[1].up * 0)
            for method in Self.methods.dropLast() {
                let with = try merged(method, pair + [dead])
                let without = try merged(method, pair)
                #expect(with.distance(from: without) < 1e-9, "\(method.name)")
            }
        }
    }

    @Test("adapters that cancel each other are not made louder than the guard allows")
    func opposed() throws {
        try withTorchErrors {
            let noise = samples.normal(96, 8) * 1e-4
            let against = LowRankFactors(down: pair[0].down, up: pair[0].up * -1 + noise)
            let layer = MergeLayer([pair[0], against])
            for method in [IsolateMethod(strength: 1), IsolateMethod(strength: 1, kind: .flat)] {
                let mixing = method.mixing(of: layer)
                #expect(mixing.guards.contains(.opposed))
                let norm = mixing.up(of: layer).matmul(mixing.down(of: layer)).frobenius
                #expect(norm <= 1.25 * 2.0.squareRoot() * layer.norms[0] * 1.0001)
            }
        }
    }

    @Test("a pair from one initialisation is not made louder than the guard allows")
    func sharedStart() throws {
        try withTorchErrors {
            let shared = samples.sharedStart
            let layer = MergeLayer(shared)
            for strength in [0.5, 0.9, 0.99, 1] {
                let method = IsolateMethod(strength: strength, kind: .flat)
                let mixing = method.mixing(of: layer)
                let norm = layer.norm(mixed: try #require(mixing.input))
                #expect(norm <= layer.limit * 1.0001)
            }
        }
    }

    @Test(
        "more strength never lets more of the others through, over 240 curves",
        arguments: 0..<60,
        [IsolateMethod.Kind.energy, .flat]
    )
    func monotone(seed: UInt64, kind: IsolateMethod.Kind) throws {
        for sharesStart in [false, true] {
            try monotone(seed: 100 + seed, kind, sharesStart)
        }
    }

    private func monotone(seed: UInt64, _ kind: IsolateMethod.Kind, _ sharesStart: Bool) throws {
        try withTorchErrors {
            let samples = try MergeSamples(seed: seed)
            let layer = MergeLayer(sharesStart ? samples.sharedStart : samples.pair)
            var before = layer.interference(of: .none).crossing
            for strength in [0.2, 0.4, 0.6, 0.8, 0.95] {
                let mixing = IsolateMethod(strength: strength, kind: kind).mixing(of: layer)
                let after = layer.interference(of: mixing).crossing
                #expect(zip(before, after).allSatisfy { $1 <= $0 * (1 + 1e-9) })
                before = after
            }
        }
    }

    @Test("without mixing all of an adapter is left, and what crosses is what the other adds")
    func interferenceOfSum() throws {
        try withTorchErrors {
            let layer = MergeLayer(pair)
            let before = layer.interference(of: .none)
            #expect(before.own.allSatisfy { abs($0 - 1) < 1e-9 })
            #expect(abs(before.amplification - 1) < 1e-12)
            let axes = pair[0].decomposed.vt.transposed
            let added = pair[1].dense.matmul(axes)
            let own = pair[0].dense.inner(pair[0].dense)
            #expect(abs(before.crossing[0] - added.inner(added) / own) < 1e-9)
        }
    }

    @Test("cosines between random spaces lie near chance, from one initialisation near 1")
    func geometry() throws {
        try withTorchErrors {
            let apart = MergeLayer(pair).geometry
            #expect(apart.inputCosine < 2 * apart.chance)
            #expect(MergeLayer(samples.sharedStart).geometry.inputMedian > 0.9)
            let same = MergeLayer([pair[0], pair[0]]).geometry
            #expect(abs(same.alignment - 1) < 1e-9)
            #expect(abs(same.crossGram - 1) < 1e-9)
        }
    }

    @Test("damping makes the louder one quieter and never the quieter one louder")
    func dampOnly() throws {
        try withTorchErrors {
            let loud = LowRankFactors(down: pair[0].down, up: pair[0].up * 10)
            let layer = MergeLayer([loud, pair[1]])
            let mixing = DampMethod().mixing(of: layer)
            let factors = try #require(mixing.elements).doubles()
            #expect(factors.allSatisfy { $0 <= 1 })
            let changed = mixing.down(of: layer)
            #expect(
                changed.rows(layer.ranges[0]).frobenius < layer.down.rows(layer.ranges[0]).frobenius
            )
        }
    }

    @Test("damping leaves adapters alone that are about as loud")
    func dampThreshold() throws {
        try withTorchErrors {
            let near = LowRankFactors(down: pair[0].down, up: pair[0].up * 1.2)
            #expect(DampMethod().mixing(of: MergeLayer([pair[0], near])).isNone)
        }
    }
}

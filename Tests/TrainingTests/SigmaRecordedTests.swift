import Foundation
import Testing
import Torch

@testable import Training

/// Numbers printed by the programs whose distributions these are.
@Suite("Noise levels of other trainers") struct SigmaRecordedTests {
    private static let normals = [-4, -2.6, -2.5, -1, 0, 0.5, 2, 3, 3.2]

    /// From ltx-trainer (Lightricks/LTX-2 @ 400fd31), given these normal numbers.
    @Test(
        "stretched logit-normal levels are those of Lightricks' trainer",
        arguments: [
            101: [
                0.108728, 0.005054, 0.009931, 0.331058, 0.61748, 0.739268, 0.948378, 0.997422, 1,
            ],
            1536: [
                0.174882, 0.006675, 0.0151, 0.430665, 0.711593, 0.812514, 0.965612, 0.998312, 1,
            ],
            6144: [
                0.727424, 0.015451, 0.041898, 0.683304, 0.875585, 0.925157, 0.987669, 0.999407, 1,
            ],
            14080: [
                1, 0.025447, 0.070179, 0.788315, 0.923936, 0.955228, 0.992818, 0.999656, 1,
            ],
        ]
    )
    func stretched(tokens: Int, levels: [Double]) {
        let curve = StretchedLogitNormal(shift: TokenShift.exponent(tokens: tokens))
        for (normal, level) in zip(Self.normals, levels) {
            #expect(abs(curve.stretched(normal) - level) < 1e-5)
        }
    }

    /// 10th, 50th, 90th percentile, shares below 0.5 and above 0.9 of 4,000,000 draws there.
    @Test(
        "draws have the percentiles of Lightricks' trainer",
        arguments: [
            101: [0.2309, 0.6091, 0.8772, 0.3541, 0.0723],
            2688: [0.3542, 0.7569, 0.9349, 0.1872, 0.1842],
            6144: [0.4880, 0.8625, 0.9668, 0.1044, 0.3821],
            14080: [0.5850, 0.9143, 0.9804, 0.0769, 0.5541],
        ]
    )
    func percentiles(tokens: Int, facts: [Double]) throws {
        let sigmas = try SigmaHistogram.draws(ShiftedLogitNormalSigmas(), tokens: tokens).sorted()
        let shares = [
            Double(sigmas.count { $0 < facts[0] }), Double(sigmas.count { $0 < facts[1] }),
            Double(sigmas.count { $0 < facts[2] }), Double(sigmas.count { $0 < 0.5 }),
            Double(sigmas.count { $0 > 0.9 }),
        ].map { $0 / Double(sigmas.count) }
        for (share, fact) in zip(shares, [0.1, 0.5, 0.9, facts[3], facts[4]]) {
            #expect(abs(share - fact) < 5 * (fact * (1 - fact) / 200_000).squareRoot() + 5e-4)
        }
    }

    @Test("limits cut the stretched logit-normal by its quantiles", arguments: [101, 14080])
    func limits(tokens: Int) throws {
        let sorted = officialLevels(tokens: tokens)
        let total = sorted.reduce(0) { $0 + $1.weight }
        var above = 0.0
        var chances = Array(repeating: 0.0, count: SigmaHistogram.bins)
        for (level, weight) in sorted {
            above += weight / total
            guard above > 0.2, above <= 0.7 else { continue }
            chances[SigmaHistogram.bin(level)] += weight / total / 0.5
        }
        let limited = ShiftedLogitNormalSigmas(TableRange(first: 200, last: 700))
        let sigmas = try SigmaHistogram.draws(limited, tokens: tokens, count: 30_000)
        #expect(SigmaHistogram(sigmas).outliers(chances, slack: 2e-4) == [])
    }

    /// All levels of the official formula with their chances, falling.
    private func officialLevels(tokens: Int) -> [(level: Double, weight: Double)] {
        let shift = 0.95 + 1.1 * (Double(tokens) - 1024) / 3072
        func logistic(_ value: Double) -> Double { 1 / (1 + exp(-value)) }
        let (low, high) = (logistic(shift - 2.5758), logistic(shift + 3.0902))
        var levels: [(level: Double, weight: Double)] = []
        for node in 0..<20_000 {
            let place = (Double(node) + 0.5) / 20_000
            let number = 16 * place - 8
            let raw = (logistic(shift + number) - low) / (high - low)
            let level = min(max(raw >= 0.001 ? raw : 0.002 - raw, 0), 1)
            let density = exp(-number * number / 2) / (2 * Double.pi).squareRoot()
            levels.append((level, 0.9 * density * 16 / 20_000))
            levels.append((0.001 + 0.999 * place, 0.1 / 20_000))
        }
        return levels.sorted { $0.level > $1.level }
    }

    /// From diffusers' `FlowMatchEulerDiscreteScheduler` with the configuration of LTX-2.
    @Test(
        "the shifted schedule is that of diffusers",
        arguments: [
            101: [1, 0.999514, 0.949121, 0.684508, 0.252619, 0.101671, 0.1],
            2772: [1, 0.999813, 0.979685, 0.845016, 0.411701, 0.104323, 0.1],
            14080: [1, 0.999996, 0.999539, 0.995868, 0.963852, 0.260894, 0.1],
        ]
    )
    func schedule(tokens: Int, levels: [Double]) {
        for (index, level) in zip([0, 1, 100, 500, 900, 998, 999], levels) {
            let sigma = ShiftSigmas.sigma(at: index, of: 1000, tokens: tokens)
            #expect(abs(sigma - level) < 2e-6)
        }
    }

    @Test("next_sample learns where a short schedule arrives, and knows where it comes from")
    func nextSample() throws {
        let schedule = [1, 0.9699, 0.930991, 0.878743, 0.804878, 0.692483, 0.500771]  // then 0.1
        let distribution = NextSampleSigmas()
        let sigmas = try SigmaHistogram.draws(distribution, tokens: 2772, count: 3000)
        let levels = Set(sigmas).sorted(by: >)
        #expect(levels.count == 6)
        for (number, level) in levels.enumerated() {
            #expect(abs(level - schedule[number + 1]) < 2e-6)
            let before = distribution.before(level, tokens: 2772)
            #expect(abs(before - schedule[number]) < 2e-6)
            #expect(abs(sigmas.count { $0 == level } - 500) < 102)  // 5 standard deviations
        }
        let shortest = try SigmaHistogram.draws(NextSampleSigmas(length: 3), count: 100)
        #expect(Set(shortest).count == 1 && shortest[0] < 1)
    }

    /// Chances of the bins over 20,000 tables of ai-toolkit (27a03a91).
    @Test("the log-normal blend, whole and cut, is that of ai-toolkit")
    func lognormBlend() throws {
        let whole = [
            0.01362, 0.01301, 0.01466, 0.01459, 0.01728, 0.01913, 0.02425, 0.02943, 0.03972,
            0.05519, 0.07401, 0.1012, 0.12081, 0.14203, 0.12953, 0.09805, 0.04903, 0.01923,
            0.01221, 0.01301,
        ]
        let cut = [
            0, 0, 0, 0, 0, 0, 0, 0, 0.00015, 0.00946, 0.06621, 0.16613, 0.23371, 0.28073, 0.196,
            0.04511, 0.00249, 0.00002, 0, 0,
        ]
        let all = try SigmaHistogram.draws(LognormBlendSigmas(), count: 50_000)
        // A table has 12 or 13 uniform entries in a bin, a draw 12.5.
        #expect(SigmaHistogram(all).outliers(whole, slack: 0.001) == [])
        let range = TableRange(first: 200, last: 700)
        let some = try SigmaHistogram.draws(LognormBlendSigmas(range), count: 50_000)
        #expect(SigmaHistogram(some).outliers(cut, slack: 0.002) == [])
    }

    @Test("weights of the whole table are those of ai-toolkit and 1 on average")
    func weights() {
        let table = (1...1000).map { Double($0) / 1000 }
        func mean(_ distribution: any SigmaDistribution) -> Double {
            table.reduce(0) { $0 + distribution.weight(at: $1) } / 1000
        }
        #expect(abs(mean(WeightedSigmas()) - 1) < 0.001)
        #expect(abs(mean(BellSigmas()) - 1) < 1e-12)
        #expect(abs(mean(BellSigmas(isHalf: true)) - 1.2890) < 1e-4)
        let bell = [(1, 0, 0), (0.9, 0.48021, 0.48021), (0.5, 1.5796, 1.5796)]
        let clean = [(0.25, 1.10788, 1.5796), (0.001, 0.00487, 1.5796)]
        for (sigma, whole, half) in bell + clean {
            #expect(abs(BellSigmas().weight(at: sigma) - whole) < 2e-5)
            #expect(abs(BellSigmas(isHalf: true).weight(at: sigma) - half) < 2e-5)
        }
        #expect(WeightedSigmas().weight(at: 1) == 0.906)
        #expect(abs(WeightedSigmas().weight(at: 0.4625) - 0.876) < 1e-9)  // between two knots
        #expect(WeightedSigmas().weight(at: 0) == 0.447)
        #expect(SigmoidSigmas().weight(at: 0.3) == 1)
    }
}

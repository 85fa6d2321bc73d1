import Foundation
import Testing
import Torch

@testable import Training

/// Histograms of all distributions against formulas written down a second time.
@Suite("Noise levels") struct SigmaTests {
    private func outliers(
        _ distribution: any SigmaDistribution,
        tokens: Int = 1,
        _ chances: [Double],
        slack: Double = 0,
        count: Int = 200_000
    ) throws -> [String] {
        SigmaHistogram(try SigmaHistogram.draws(distribution, tokens: tokens, count: count))
            .outliers(chances, slack: slack)
    }

    private func logitNormal(_ level: Double) -> Double {
        if level <= 0 || level >= 1 { return level <= 0 ? 0 : 1 }
        return 0.5 * (1 + erf(log(level / (1 - level)) / 2.0.squareRoot()))
    }

    @Test("sigmoid is the logistic function of normal numbers")
    func sigmoid() throws {
        #expect(try outliers(SigmoidSigmas(), SigmaHistogram.chances(logitNormal)) == [])
    }

    @Test("limits cut sigmoid where their indices lie among a thousand sorted draws")
    func limitedSigmoid() throws {
        let limited = SigmoidSigmas(TableRange(first: 200, last: 700))
        let chances = SigmaHistogram.chances {
            (min(max(logitNormal($0), 0.3), 0.8) - 0.3) / 0.5
        }
        #expect(try outliers(limited, chances, count: 50_000) == [])
    }

    @Test("content draws sigmoid's noisy levels more often, style its clean ones")
    func preferredSigmoid() throws {
        let content = SigmoidSigmas(TableRange(preference: .content))
        let style = SigmoidSigmas(TableRange(preference: .style))
        let contentChances = SigmaHistogram.chances { 1 - cbrt(1 - logitNormal($0)) }
        #expect(try outliers(content, contentChances, count: 50_000) == [])
        let styleChances = SigmaHistogram.chances { cbrt(logitNormal($0)) }
        #expect(try outliers(style, styleChances, count: 50_000) == [])
    }

    @Test("uniform, linear and its weighted kinds spread evenly")
    func linear() throws {
        let even = SigmaHistogram.chances { $0 }
        let table = SigmaHistogram.chances(of: (2...1000).map { Double($0) / 1000 })
        #expect(try outliers(UniformSigmas(), even) == [])
        for distribution: any SigmaDistribution in [
            LinearSigmas(), WeightedSigmas(), BellSigmas(), BellSigmas(isHalf: true),
        ] {
            #expect(try outliers(distribution, table) == [])
        }
        let sigmas = try SigmaHistogram.draws(LinearSigmas())
        #expect(sigmas.max() == 1 && sigmas.min() == 0.002)  // the cleanest entry is left out
        #expect(sigmas.allSatisfy { abs($0 * 1000 - ($0 * 1000).rounded()) < 1e-9 })
    }

    @Test("content and style draw a linear table by the cube")
    func preferredLinear() throws {
        let content = LinearSigmas(TableRange(first: 100, last: 900, preference: .content))
        let style = LinearSigmas(TableRange(first: 100, last: 900, preference: .style))
        let places = (0..<1_000_000).map { pow((Double($0) + 0.5) / 1e6, 3) }
        func level(_ place: Double) -> Double {
            (1000 - min(floor(place * 1000 / 999 * 800 + 100), 900)) / 1000
        }
        let contentChances = SigmaHistogram.chances(of: places.map(level))
        #expect(try outliers(content, contentChances, slack: 1e-5) == [])
        let styleChances = SigmaHistogram.chances(of: places.map { level(1 - $0) })
        #expect(try outliers(style, styleChances, slack: 1e-5) == [])
    }

    @Test("a preference reaches the last entry of a table")
    func preferredShortTable() throws {
        let content = LinearSigmas(TableRange(preference: .content, length: 4))
        let levels = [1, 0.667, 0.334, 0.001]
        let places = (0..<1_000_000).map { Int(4 * pow((Double($0) + 0.5) / 1e6, 3)) }
        let chances = SigmaHistogram.chances(of: places.map { levels[$0] })
        #expect(try outliers(content, chances, slack: 1e-5) == [])
    }

    @Test("shift draws the sampling schedule of the token count", arguments: [101, 2772, 14080])
    func shift(tokens: Int) throws {
        let power = exp(0.95 + 1.1 * (Double(tokens) - 1024) / 3072)
        let shifted = (0..<1000).map { power / (power + 1000 / (1000 - Double($0)) - 1) }
        let table = shifted.map { 1 - (1 - $0) * 0.9 / (1 - shifted[999]) }
        let chances = SigmaHistogram.chances(of: Array(table[0..<999]))
        #expect(try outliers(ShiftSigmas(), tokens: tokens, chances) == [])
        let limited = ShiftSigmas(TableRange(first: 300, last: 600))
        let limitedChances = SigmaHistogram.chances(of: Array(table[300..<600]))
        #expect(try outliers(limited, tokens: tokens, limitedChances) == [])
    }

    @Test(
        "a few steps draw their levels equally often",
        arguments: [
            (1, [1.0]), (2, [1, 0.501]), (4, [1, 0.75, 0.5, 0.25]),
            (8, [1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125]),
        ]
    )
    func steps(count: Int, levels: [Double]) throws {
        let distribution = StepSigmas(steps: count)
        #expect(distribution.levels == levels)
        #expect(try outliers(distribution, SigmaHistogram.chances(of: levels)) == [])
    }

    @Test("the log-normal blend is three quarters log-normal under its largest, one uniform")
    func lognormBlend() throws {
        func below(_ value: Double) -> Double { 0.5 * erfc(-log(value) / 0.333 / 2.0.squareRoot()) }
        let largest = (0..<2000).map { node in
            let share = pow((Double(node) + 0.5) / 2000, 1.0 / 750)
            return crossing(of: 1 - share, between: 0, and: 20) { 1 - below($0) }
        }
        let chances = SigmaHistogram.chances { sigma in
            let cleaner = largest.map { 1 - below($0 * (1 - sigma)) / below($0) }
            return 0.25 * sigma + 0.75 * cleaner.reduce(0, +) / 2000
        }
        let sigmas = try SigmaHistogram.draws(LognormBlendSigmas(), count: 50_000)
        #expect(SigmaHistogram(sigmas).outliers(chances, slack: 1e-5) == [])
    }

    @Test("the same seed gives the same draws, of the asked number, between 0 and 1")
    func repeats() throws {
        let cut = TableRange(first: 10, last: 990, preference: .content)
        for distribution: any SigmaDistribution in [
            SigmoidSigmas(), SigmoidSigmas(cut), UniformSigmas(), LinearSigmas(cut),
            WeightedSigmas(), BellSigmas(), ShiftSigmas(cut), StepSigmas(steps: 8),
            NextSampleSigmas(), LognormBlendSigmas(), LognormBlendSigmas(cut),
            ShiftedLogitNormalSigmas(), ShiftedLogitNormalSigmas(cut),
        ] {
            let seeds: [UInt64] = [5, 5, 6]
            let draws = try seeds.map { seed in
                let random = try RandomGenerator(seed: seed)
                return try withTorchErrors { distribution.draw(50, tokens: 900, random: random) }
            }
            #expect(draws[0] == draws[1] && draws[0] != draws[2], "\(distribution)")
            #expect(draws.allSatisfy { $0.count == 50 && $0.allSatisfy { (0...1).contains($0) } })
        }
    }
}

import Foundation
import Testing
import Torch

@testable import Training

/// Limits, token counts, and what the sound gets.
@Suite("Ranges of noise levels") struct SigmaRangeTests {
    private func extremes(
        _ distribution: any SigmaDistribution,
        tokens: Int = 2772
    ) throws -> ClosedRange<Double> {
        let sigmas = try SigmaHistogram.draws(distribution, tokens: tokens, count: 5000)
        return try #require(sigmas.min())...(try #require(sigmas.max()))
    }

    @Test("no draw leaves the limits, whatever is preferred")
    func limits() throws {
        for preference in [SigmaPreference.balanced, .content, .style] {
            let range = TableRange(first: 250, last: 500, preference: preference)
            let linear = try extremes(LinearSigmas(range))
            #expect(linear.lowerBound >= 0.5 && linear.upperBound <= 0.75)
            let sigmoid = try extremes(SigmoidSigmas(range))
            #expect(sigmoid.lowerBound > 0.4999 && sigmoid.upperBound < 0.6626)
            let shifted = try extremes(ShiftedLogitNormalSigmas(range), tokens: 101)
            #expect(shifted.lowerBound > 0.607 && shifted.upperBound < 0.775)
        }
    }

    @Test("limits that are equal leave one level")
    func oneLevel() throws {
        let range = TableRange(first: 400, last: 400)
        let last = TableRange(first: 999, last: 999)
        for distribution: any SigmaDistribution in [
            LinearSigmas(range), SigmoidSigmas(range), ShiftSigmas(range),
            ShiftedLogitNormalSigmas(range), LinearSigmas(last), SigmoidSigmas(last),
        ] {
            let levels = try extremes(distribution)
            #expect(levels.lowerBound == levels.upperBound)
        }
        #expect(try extremes(LinearSigmas(range)).lowerBound == 0.6)
        #expect(try extremes(LinearSigmas(last)).lowerBound == 0.001)
    }

    @Test("limits beyond a table's ends move to them")
    func clamped() throws {
        let range = TableRange(first: -3, last: 5000, length: 8)
        #expect(range == TableRange(first: 0, last: 7, length: 8))
        #expect(range.isWhole)
        #expect(TableRange(first: 6, last: 2).last == 6)
        let short = try extremes(LinearSigmas(range))
        #expect(
            short.upperBound == 1 && abs(short.lowerBound - (1000 - 999.0 * 6 / 7) / 1000) < 1e-9
        )
    }

    @Test("only shifted distributions ask how many tokens there are, and more mean more noise")
    func tokens() throws {
        func median(_ distribution: any SigmaDistribution, _ tokens: Int) throws -> Double {
            try SigmaHistogram.draws(distribution, tokens: tokens, count: 5000).sorted()[2500]
        }
        for distribution: any SigmaDistribution in [
            ShiftSigmas(), ShiftedLogitNormalSigmas(), NextSampleSigmas(),
            ShiftedLogitNormalSigmas(TableRange(first: 5, last: 990)),
        ] {
            #expect(try median(distribution, 101) + 0.1 < median(distribution, 6144))
        }
        for distribution: any SigmaDistribution in [
            SigmoidSigmas(), LinearSigmas(), UniformSigmas(), LognormBlendSigmas(),
            StepSigmas(steps: 4),
        ] {
            #expect(try median(distribution, 101) == median(distribution, 6144))
        }
    }

    private func audio(_ policy: AudioSigmaPolicy, tokens: Int = 101) throws -> [Double] {
        try withTorchErrors {
            policy.draw(video: video, tokens: tokens, random: try RandomGenerator(seed: 3))
        }
    }

    private let video = (0..<100_000).map { 0.2 + Double($0) * 1e-7 }

    @Test("sound shares the picture's levels, or has its own, for its own number of tokens")
    func policies() throws {
        #expect(try audio(.shared) == video)
        #expect(
            try audio(AudioSigmaPolicy()) == SigmaHistogram.draws(UniformSigmas(), count: 100_000)
        )
        let shifted = AudioSigmaPolicy(own: ShiftedLogitNormalSigmas())
        for tokens in [101, 2772] {
            let expected = try SigmaHistogram.draws(
                ShiftedLogitNormalSigmas(),
                tokens: tokens,
                count: 100_000
            )
            #expect(try audio(shifted, tokens: tokens) == expected)
        }
    }

    @Test("mixed sound shares the stated part of its levels", arguments: [0, 0.3, 1])
    func mixed(part: Double) throws {
        let own = try audio(AudioSigmaPolicy())
        let levels = try audio(AudioSigmaPolicy(sharedPart: part))
        let shared = zip(levels, video).count { $0 == $1 }
        let deviation = (100_000 * part * (1 - part)).squareRoot()
        #expect(abs(Double(shared) - 100_000 * part) <= 5 * deviation + 1)
        #expect(levels.indices.allSatisfy { levels[$0] == video[$0] || levels[$0] == own[$0] })
    }
}

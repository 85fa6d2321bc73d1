import Testing

@testable import Media

/// Rates as fractions, as people and files spell them.
@Suite struct ExactRateTests {
    private static let spellings: [(rate: Double, fraction: [Int])] = [
        (24, [24, 1]), (25, [25, 1]), (30, [30, 1]), (23.976, [24000, 1001]),
        (23.98, [24000, 1001]), (24000.0 / 1001, [24000, 1001]), (29.97, [30000, 1001]),
        (59.94, [60000, 1001]), (12.5, [25, 2]), (24.5, [49, 2]), (0.1, [1, 10]),
        (22.0 / 3, [22, 3]), (15.123, [15123, 1000]), (120_000.0 / 1001, [120_000, 1001]),
    ]

    @Test("a rate means its fraction", arguments: spellings)
    func fraction(rate: Double, fraction: [Int]) throws {
        let exact = try #require(ExactRate(rate))
        #expect([exact.numerator, exact.denominator] == fraction)
    }

    @Test("rates that make no sense have none", arguments: [0, -24, .nan, .infinity, 1e6, 1e-9])
    func refused(rate: Double) { #expect(ExactRate(rate) == nil) }
}

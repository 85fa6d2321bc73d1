import Testing
import Torch

@testable import LoRATools

/// The toy with a known truth, one seed and fewer steps; `make bench-merge` runs the whole.
@Suite("Merging, toy")
struct MergeToyTests {
    @Test("measured inputs: error at most 0.4 of the tuned sum's, bleed at most half")
    func acceptance() throws {
        var sizes = MergeToy.Sizes.hard
        (sizes.width, sizes.inner, sizes.steps, sizes.rate) = (96, 192, 300, 3e-3)
        let benchmark = try MergeBenchmark(seeds: 0..<3, sizes: sizes, baselines: false)
        #expect(benchmark.failures == [], "\n\(benchmark)")
        let single = try #require(benchmark["single adapter"])
        #expect(single.error < 0.1)
    }
}

import ArgumentParser
import CharacterTrial
import Foundation
import LoRATools

/// `bench merge`: what ways to merge do to two characters whose truth is known, and what they cost.
struct BenchMergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract:
            "Ways to merge LoRAs: error and bleed where the truth is known, characters trained on a tiny model, "
            + "time and memory at full size."
    )

    @Option(help: "Pairs of characters that are trained.")
    var seeds = 4

    @Flag(help: "Also in many dimensions, as in a real model; takes minutes.")
    var wide = false

    @Flag(help: "Time and memory alone.")
    var speedOnly = false

    @Flag(help: "Error and bleed alone.")
    var toyOnly = false

    @Flag(help: "The trained characters alone: whose picture and whose sound comes out.")
    var characters = false

    @Option(help: "Where two files of 617 MB and their merges are written for a while.")
    var folder = NSTemporaryDirectory()

    func run() async throws {
        try await reportingErrors {
            let all = !speedOnly && !toyOnly && !characters
            let place = folder + "/likeness-merge-\(ProcessInfo.processInfo.processIdentifier)"
            try FileManager.default.createDirectory(
                atPath: place,
                withIntermediateDirectories: true
            )
            defer { try? FileManager.default.removeItem(atPath: place) }
            if all || toyOnly { try toys() }
            if all || characters { try await trial(place) }
            if all || speedOnly { show("\(try await MergeSpeed(folder: place))") }
        }
    }

    private func trial(_ place: String) async throws {
        let trial = CharacterTrial(folder: place + "/characters")
        let line = LiveLine()
        let scores = try await trial.run { line.live($0) }
        line.end()
        show("two characters trained on a tiny model, samples compared as latents:\n\(scores)\n")
        for failure in scores.failures { standardError.write("\(failure)\n") }
        if !scores.failures.isEmpty { throw ExitCode.failure }
    }

    private func toys() throws {
        var shared = MergeToy.Sizes.hard
        shared.sharesBeginning = true
        let cases =
            [("few dimensions", MergeToy.Sizes.hard), ("few dimensions, one beginning", shared)]
            + (wide ? [("many dimensions", .wide)] : [])
        var failures: [String] = []
        for (number, (name, sizes)) in cases.enumerated() {
            let benchmark = try MergeBenchmark(seeds: 0..<UInt64(seeds), sizes: sizes)
            show("\(name), \(seeds) pairs:\n\(benchmark)\n")
            // The bounds are for the usual case; one beginning makes all data-free ways worse.
            if number != 1 { failures += benchmark.failures }
        }
        for failure in failures { standardError.write("\(failure)\n") }
        if !failures.isEmpty { throw ExitCode.failure }
    }
}

import ArgumentParser
import Measurement

/// `bench`: what this machine makes of it.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure time and memory on this machine.",
        subcommands: [
            BenchStepCommand.self, BenchAdaptersCommand.self, BenchMergeCommand.self,
            BenchCacheCommand.self,
        ]
    )
}

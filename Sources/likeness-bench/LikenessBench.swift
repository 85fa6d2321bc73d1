import ArgumentParser
import Measurement

/// The benchmarks alone: without FFmpeg and the rest, for machines that have only LibTorch.
@main struct LikenessBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "likeness-bench",
        abstract: "Measure what Likeness does on this machine.",
        subcommands: [
            BenchStepCommand.self, BenchAdaptersCommand.self, BenchStartCommand.self,
            VerifyHereCommand.self,
        ]
    )
}

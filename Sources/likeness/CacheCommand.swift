import ArgumentParser
import ModelHub
import Training
import TrainingRun

/// `cache`: fills the caches of a run without training.
struct CacheCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "Encode the clips and captions of a run file, without training."
    )

    @OptionGroup var options: RunFileOptions

    func run() async throws {
        try await reportingErrors {
            let file = try options.load()
            let locator = ModelLocator()
            let planner = RunPlanner(file, overwrites: true, locator: locator)
            let console = ConsoleReporter(steps: 0, interval: 1)
            let run = PlannedRun(planner: planner, locator: locator, console: console)
            let plan = try await run.complete(run.shown())
            let stop = StopRequest()
            let signals = SignalWatch(stop)
            defer { signals.cancel() }
            let executor = try RunExecutor(plan, stop: stop)
            executor.onPreparation = { console.show($0) }
            try await executor.prepare()
        }
    }
}

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
            var plan = try await planner.plan()
            show(plan.summary)
            let console = ConsoleReporter(steps: 0, interval: 1)
            if !plan.models.isComplete {
                plan = try await planner.plan(
                    models: plan.models.fetched(locator) { console.show(.downloading($0)) }
                )
            }
            let stop = StopRequest()
            let signals = SignalWatch(stop)
            defer { signals.cancel() }
            let executor = try RunExecutor(plan, stop: stop)
            executor.onPreparation = { console.show($0) }
            try executor.prepare()
        }
    }
}

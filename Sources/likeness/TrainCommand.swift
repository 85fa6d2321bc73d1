import ArgumentParser
import Foundation
import ModelHub
import RunConfig
import RunFiles
import Training
import TrainingRun

/// `train`: checks all it can before the first weight is read, then trains.
struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a LoRA from a run file.",
        discussion: """
            Ctrl-C finishes the step, saves everything and says how to go on. \
            Results lie in training_folder/name.
            """
    )

    @OptionGroup var options: RunFileOptions

    @Flag(help: "Go on from the run's newest saved state.")
    var resume = false

    @Option(help: ArgumentHelp("Go on from a state folder.", valueName: "folder"))
    var resumeFrom: String?

    @Flag(help: "Begin anew although the run was begun before; the old folder is moved aside.")
    var restart = false

    @Flag(help: "Check run file, model and clips, print the plan, and stop.")
    var dryRun = false

    func validate() throws {
        guard !(restart && (resume || resumeFrom != nil)) else {
            throw ValidationError("--restart and --resume exclude each other")
        }
    }

    func run() async throws {
        try await reportingErrors {
            let file = try options.load()
            let point = resumeFrom.map(ResumePoint.folder) ?? (resume ? .latest : nil)
            let locator = ModelLocator()
            let planner = RunPlanner(
                file,
                resume: point,
                overwrites: restart || dryRun,
                locator: locator
            )
            let console = ConsoleReporter(steps: file.train.steps, interval: file.logging.logEvery)
            let run = PlannedRun(planner: planner, locator: locator, console: console)
            let plan = try await run.shown()
            guard !dryRun else { return }
            let complete = try await run.complete(plan)
            // Only now: a plan that fails leaves the earlier run where it is.
            if restart { try moveAside(complete) }
            try await train(complete, console)
        }
    }

    private func moveAside(_ plan: RunPlan) throws {
        if let place = try plan.folder.moveAside() { show("The earlier run is now in \(place)\n") }
    }

    private func train(_ plan: RunPlan, _ console: ConsoleReporter) async throws {
        let stop = StopRequest()
        let signals = SignalWatch(stop)
        defer { signals.cancel() }
        let executor = try RunExecutor(plan, stop: stop)
        executor.onPreparation = { console.show($0) }
        executor.listeners = [console]
        let result = try await executor.run()
        show(RunClosing(plan: plan, result: result, runFile: options.runFile).text)
    }
}

/// Turns the first Ctrl-C into a request to stop, the second into an end at once.
final class SignalWatch {
    private let sources: [any DispatchSourceSignal]

    init(_ stop: StopRequest) {
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if stop.ask() {
                    standardError.write(
                        "\nStopping after this step; everything is saved. Again: stop at once, unsaved.\n"
                    )
                } else {
                    _exit(130)
                }
            }
            source.resume()
            return source
        }
    }

    func cancel() { for source in sources { source.cancel() } }
}

import ArgumentParser
import Foundation
import LTXModel
import ModelHub
import RunConfig
import TrainingRun

/// `plan`: what a run will take of memory, disk and time.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Tell what a run will take: memory by part, disk, seconds per step.",
        discussion: """
            Weights, adapters and files are counted from sizes. What a step adds is measured on two blocks with drawn \
            weights, time on the run's own device where that takes no longer than a minute. Nothing is downloaded.
            """
    )

    @OptionGroup var options: RunFileOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await reportingErrors {
            let planner = RunPlanner(
                try options.load(),
                overwrites: true,
                locator: ModelLocator()
            )
            let plan = try await planner.plan()
            guard let resources = try ResourcePlan(plan) else {
                throw ModelInputError(
                    "\(plan.models.checkpoint.id): is not on this machine, so its sizes are not known; "
                        + "likeness model fetch \(plan.models.checkpoint.id) brings it"
                )
            }
            show(json ? try Self.json(resources) : resources.text)
        }
    }

    private static func json(_ resources: ResourcePlan) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(resources), as: UTF8.self) + "\n"
    }
}

import ModelHub
import TrainingRun

/// Plans a run, shows the plan, and downloads what it lacks.
struct PlannedRun {
    let planner: RunPlanner
    let locator: ModelLocator
    let console: ConsoleReporter

    /// The plan as it can be seen without downloading anything.
    func shown() async throws -> RunPlan {
        let plan = try await planner.plan()
        show(plan.summary)
        return plan
    }

    /// The same plan with every model on this machine; shown again if that changed it.
    func complete(_ plan: RunPlan) async throws -> RunPlan {
        guard !plan.models.isComplete else { return plan }
        let models = try await plan.models.fetched(locator) { [console] in
            console.show(.downloading($0))
        }
        let complete = try await planner.plan(models: models)
        console.endLiveLine()
        show(complete.summary)
        return complete
    }
}

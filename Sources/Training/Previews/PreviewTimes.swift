/// When previews are made.
public struct PreviewTimes: Sendable, Equatable {
    /// Whether there is a preview before the first step.
    public enum First: Sendable, Equatable {
        /// Never.
        case never
        /// When the run is new.
        case ofNewRuns
        /// Also when a saved run goes on.
        case always
    }

    /// Steps between two previews.
    public var every: Int
    /// None before this step, but for the last.
    public var start: Int
    /// Whether there is one before the first step.
    public var first: First

    /// Previews every so many steps.
    public init(every: Int, start: Int = 0, first: First = .ofNewRuns) {
        self.every = every
        self.start = start
        self.first = first
    }

    /// Whether to make previews before the run takes its next step, after `done` of them.
    func isDueAtStart(after done: Int) -> Bool {
        switch first {
        case .never: false
        case .ofNewRuns: done == 0 && start <= 1
        case .always: true
        }
    }

    /// Whether to make previews after a step; a run always ends with some.
    func isDue(after step: Int, of steps: Int) -> Bool {
        step == steps || (step >= start && step.isMultiple(of: max(every, 1)))
    }
}

/// Where a job stands.
public enum JobState: String, Sendable, Codable, CaseIterable {
    /// Never started, or edited since.
    case idle
    /// Waits for its device.
    case queued
    /// Its process is at work.
    case running
    /// Asked to stop; its process has not ended yet.
    case stopping
    /// Its process has ended because it was asked to.
    case stopped
    /// All steps are done.
    case completed
    /// Its process ended otherwise.
    case failed
}

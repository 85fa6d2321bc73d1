import Foundation

/// Asked from another thread to end a run after the step it is in.
public final class StopRequest: Sendable {
    private let flag = NSLock()
    // Safe because the lock is held around every access.
    nonisolated(unsafe) private var asked = false

    /// Nothing asked yet.
    public init() {}

    /// Asks the run to stop; true the first time.
    @discardableResult
    public func ask() -> Bool {
        flag.withLock {
            defer { asked = true }
            return !asked
        }
    }

    /// Whether the run should stop.
    public var isAsked: Bool { flag.withLock { asked } }
}

import Foundation
import Synchronization

/// Does pieces of work in order on another thread, so that files are written while the device goes on.
///
/// A few pieces may wait; who hands in more waits itself, so that memory stays bounded. After a piece
/// has failed the rest is dropped, and `finish` throws what the first one threw.
final class BackgroundWriter: Sendable {
    private let queue = DispatchQueue(label: "likeness.writer", qos: .userInitiated)
    private let room: DispatchSemaphore
    private let failure = Mutex<(any Error)?>(nil)
    private let spent = Mutex(0.0)

    /// A writer at which so many pieces may wait.
    init(pieces: Int = 4) { room = DispatchSemaphore(value: pieces) }

    /// Hands in a piece of work.
    ///
    /// - Throws: what an earlier piece threw.
    func write(_ piece: @escaping @Sendable () throws -> Void) throws {
        try check()
        room.wait()
        queue.async { [self] in
            defer { room.signal() }
            guard failure.withLock({ $0 == nil }) else { return }
            let begun = ContinuousClock.now
            do { try piece() } catch { failure.withLock { $0 = error } }
            let seconds = (ContinuousClock.now - begun) / .seconds(1)
            spent.withLock { $0 += seconds }
        }
    }

    /// Waits for everything that was handed in.
    func finish() throws {
        queue.sync {}
        try check()
    }

    /// Seconds at work so far.
    var seconds: Double { spent.withLock { $0 } }

    private func check() throws {
        if let error = failure.withLock({ $0 }) { throw error }
    }
}

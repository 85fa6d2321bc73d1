import Foundation

/// Runs long work on a thread of its own and waits for it without blocking one of the shared ones.
///
/// Tasks share as many threads as there are cores; training would keep one of them for days.
func onOwnThread<Result: Sendable>(
    _ work: @escaping () throws -> Result
) async throws -> Result {
    // Safe because the caller waits: nobody else touches what the work captures meanwhile.
    nonisolated(unsafe) let work = work
    return try await withCheckedThrowingContinuation { continuation in
        let thread = Thread { continuation.resume(with: Swift.Result { try work() }) }
        thread.name = "training"
        // Recorded graphs are walked and freed recursively by LibTorch.
        thread.stackSize = 64 << 20
        thread.start()
    }
}

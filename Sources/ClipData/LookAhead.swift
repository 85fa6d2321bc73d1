import Dispatch
import Synchronization

/// Works on inputs in their order on another thread, a few ahead of whoever takes the outputs.
///
/// The taker may be any thread that is allowed to wait: encoders are not `Sendable`, so the work
/// comes to their thread and not they to the work's.
final class LookAhead<Input: Sendable, Output: Sendable>: Sendable {
    private struct State {
        var ready: [Output] = []
        var taken = 0
        var isStopped = false
    }

    private let count: Int
    private let state = Mutex(State())
    // Both begin at zero: a semaphore released below its first value would trap.
    private let room = DispatchSemaphore(value: 0)
    private let filled = DispatchSemaphore(value: 0)

    /// Begins at once.
    ///
    /// - Parameters:
    ///   - inputs: in the order in which the outputs will come.
    ///   - depth: how many outputs wait at most, the one being worked on included.
    ///   - work: called on another thread, for one input after the other.
    init(_ inputs: [Input], depth: Int, work: @escaping @Sendable (Input) -> Output) {
        count = inputs.count
        for _ in 0..<depth { room.signal() }
        DispatchQueue(label: "clip decoding").async { [self] in
            for input in inputs {
                room.wait()
                if state.withLock({ $0.isStopped }) { return }
                let output = work(input)
                state.withLock { $0.ready.append(output) }
                filled.signal()
            }
        }
    }

    /// Waits for the next output; `nil` after the last.
    func next() -> Output? {
        let isOver = state.withLock { state in
            state.taken += 1
            return state.taken > count || state.isStopped
        }
        guard !isOver else { return nil }
        filled.wait()
        let output = state.withLock { $0.ready.removeFirst() }
        room.signal()
        return output
    }

    /// Begins no further input; what is being worked on is finished and thrown away.
    func stop() {
        state.withLock { $0.isStopped = true }
        room.signal()
    }
}

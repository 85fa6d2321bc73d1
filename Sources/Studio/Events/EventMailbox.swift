import NIOConcurrencyHelpers

/// What waits to be sent to one page: never more than a fixed number of events.
///
/// An event takes the place of a waiting one with its key. When all places are taken the oldest goes, and the page is
/// told that it missed something (`missed`), so that it can ask for the state anew.
final class EventMailbox: Sendable {
    private struct State {
        var waiting: [ServerEvent] = []
        var missed = 0
        var isClosed = false
    }

    private let capacity: Int
    private let state = NIOLockedValueBox(State())
    private let bell: AsyncStream<Void>.Continuation
    /// Rings when there is something to send; ends when the mailbox is closed.
    let rings: AsyncStream<Void>

    init(capacity: Int) {
        self.capacity = max(capacity, 1)
        (rings, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Puts an event in.
    func put(_ event: ServerEvent) {
        state.withLockedValue { state in
            guard !state.isClosed else { return }
            if let key = event.key { state.waiting.removeAll { $0.key == key } }
            if state.waiting.count >= capacity {
                state.waiting.removeFirst()
                state.missed += 1
            }
            state.waiting.append(event)
        }
        bell.yield()
    }

    /// Rings without an event.
    func ring() { bell.yield() }

    /// Takes out all that waits, after a word on what was missed.
    func take() -> [ServerEvent] {
        state.withLockedValue { state in
            var events = state.waiting
            if state.missed > 0 {
                events.insert(ServerEvent("missed", json: "{\"count\":\(state.missed)}"), at: 0)
            }
            state.waiting = []
            state.missed = 0
            return events
        }
    }

    /// Nothing more goes in; what waits can still be taken.
    func close() {
        state.withLockedValue { $0.isClosed = true }
        bell.finish()
    }
}

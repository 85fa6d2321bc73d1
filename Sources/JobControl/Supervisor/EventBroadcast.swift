import Synchronization

/// Sends events to any number of listeners, none of which can hold it up.
///
/// A listener that is too slow loses its oldest events and finds `behind` among those it gets, so that it knows to
/// ask for everything anew.
public final class EventBroadcast<Event: Sendable>: Sendable {
    fileprivate struct Listener {
        let continuation: AsyncStream<Event>.Continuation
        var isBehind = false
    }

    private struct State {
        var listeners: [Int: Listener] = [:]
        var next = 0
    }

    private let state = Mutex(State())
    private let behind: Event
    private let capacity: Int

    /// Begins without listeners.
    ///
    /// - Parameters:
    ///   - behind: what a listener gets that has lost events.
    ///   - capacity: events that wait for a listener at most.
    public init(behind: Event, capacity: Int = 256) {
        self.behind = behind
        self.capacity = max(2, capacity)
    }

    /// How many listen.
    public var listenerCount: Int { state.withLock { $0.listeners.count } }

    /// Events from now on; ends when whoever listens stops.
    public func listen() -> AsyncStream<Event> {
        let (stream, continuation) = AsyncStream<Event>.makeStream(
            bufferingPolicy: .bufferingNewest(capacity)
        )
        let number = state.withLock { state in
            state.next += 1
            state.listeners[state.next] = Listener(continuation: continuation)
            return state.next
        }
        continuation.onTermination = { [weak self] _ in self?.remove(number) }
        return stream
    }

    /// Sends an event to all.
    public func send(_ event: Event) {
        state.withLock { state in
            for number in Array(state.listeners.keys) {
                state.listeners[number]?.send(event, behind: behind)
            }
        }
    }

    private func remove(_ number: Int) {
        // The lock must not be held while a continuation goes: it may call back.
        let gone = state.withLock { $0.listeners.removeValue(forKey: number) }
        _ = gone
    }
}

extension EventBroadcast.Listener {
    fileprivate mutating func send(_ event: Event, behind: Event) {
        switch continuation.yield(event) {
        case .dropped where !isBehind:
            isBehind = true
            continuation.yield(behind)
        case .enqueued(let remaining) where remaining > 1: isBehind = false
        default: break
        }
    }
}

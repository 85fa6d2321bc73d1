import HTTPTypes
public import Hummingbird
import NIOCore
import ServiceLifecycle

/// Events of a sequence as an answer that stays open (server-sent events).
public struct EventStream<Events: AsyncSequence & Sendable>: Sendable
where Events.Element == ServerEvent {
    /// Time between signs of life, by which both sides notice a connection that is gone.
    public var heartbeat: Duration = .seconds(15)
    /// Milliseconds after which a page that lost the connection tries again.
    public var retry = 2000
    /// Events that may wait for a slow page.
    public var capacity = 256
    private let events: @Sendable (String?) async throws -> Events

    /// A stream of what a sequence gives.
    ///
    /// - Parameter events: makes the sequence; it is told the id of the last event that the page has.
    public init(_ events: @escaping @Sendable (String?) async throws -> Events) {
        self.events = events
    }

    /// The open answer; it ends with the sequence, with the page, or with the server.
    public func response(to request: Request) -> Response {
        let headers: HTTPFields = [
            .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store",
        ]
        guard request.method != .head else { return Response(status: .ok, headers: headers) }
        let lastID = request.headers[.lastEventID]
        let body = ResponseBody { writer in
            let mailbox = EventMailbox(capacity: capacity)
            let sources = [feed(mailbox, from: lastID), beat(mailbox)]
            defer { for source in sources { source.cancel() } }
            try await withGracefulShutdownHandler {
                try await request.body.consumeWithInboundCloseHandler { _ in
                    try await send(mailbox, to: &writer)
                } onInboundClosed: {
                    mailbox.close()
                }
            } onGracefulShutdown: {
                mailbox.close()
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    private func send(_ mailbox: EventMailbox, to writer: inout any ResponseBodyWriter) async throws
    {
        try await writer.write(ByteBuffer(string: "retry: \(retry)\n\n"))
        for await _ in mailbox.rings { try await write(mailbox, to: &writer) }
        let rest = mailbox.take()
        if !rest.isEmpty {
            try await writer.write(ByteBuffer(string: rest.map(\.text).joined()))
        }
    }

    private func write(_ mailbox: EventMailbox, to writer: inout any ResponseBodyWriter)
        async throws
    {
        let events = mailbox.take()
        let text = events.isEmpty ? ": \n\n" : events.map(\.text).joined()
        try await writer.write(ByteBuffer(string: text))
    }

    /// Puts the sequence's events in; a failure of it ends the stream, and the page asks again.
    private func feed(_ mailbox: EventMailbox, from lastID: String?) -> Task<Void, Never> {
        Task {
            do {
                for try await event in try await events(lastID) { mailbox.put(event) }
            } catch {
                mailbox.put(ServerEvent("failed", json: ServerEvent.quoted("\(error)")))
            }
            mailbox.close()
        }
    }

    private func beat(_ mailbox: EventMailbox) -> Task<Void, Never> {
        Task {
            while (try? await Task.sleep(for: heartbeat)) != nil { mailbox.ring() }
        }
    }
}

extension ServerEvent {
    /// A text in JSON.
    static func quoted(_ text: String) -> String {
        (try? ServerEvent("", text))?.data ?? "\"\""
    }
}

extension HTTPField.Name {
    static let lastEventID = HTTPField.Name("Last-Event-ID") ?? .range
}

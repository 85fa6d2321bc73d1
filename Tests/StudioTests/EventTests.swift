import Foundation
import HTTPTypes
import Hummingbird
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import Studio

@Suite("Events for pages")
struct EventTests {
    /// `/api/test-events` gives what a stream gives.
    private struct Source: StudioRoutes {
        let events: @Sendable (String?) -> AsyncStream<ServerEvent>

        func add(to router: Router<StudioContext>) {
            router.get("/api/test-events") { request, _ in
                var stream = EventStream { events($0) }
                stream.heartbeat = .milliseconds(20)
                return stream.response(to: request)
            }
        }
    }

    private static let request =
        "GET /api/test-events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"

    @Test("events go out with name, id and data, and the answer ends with the sequence")
    func events() async throws {
        let studio = try TestStudio(routes: [
            Source { lastID in
                AsyncStream { stream in
                    stream.yield(
                        ServerEvent("state", json: "\"after \(lastID ?? "nothing")\"", id: "8")
                    )
                    stream.yield(
                        ServerEvent(
                            "log",
                            json: "\"a\"\n\nevent: evil\ndata: x",
                            id: "9\nevent: evil"
                        )
                    )
                    stream.finish()
                }
            }
        ])
        let answer = try await studio.serve { browser in
            try await browser.raw(Self.request + "Last-Event-ID: 7\r\n\r\n")
        }
        #expect(answer.contains("text/event-stream"))
        #expect(answer.contains("retry: 2000\n\n"))
        #expect(answer.contains("id: 8\nevent: state\ndata: \"after 7\"\n\n"))
        #expect(
            answer.contains(
                "id: 9event: evil\nevent: log\ndata: \"a\"\ndata: \ndata: event: evil\ndata: data: x\n\n"
            )
        )
    }

    @Test("a page that goes away ends its sequence; until then there are signs of life")
    func clientGone() async throws {
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        let studio = try TestStudio(routes: [
            Source { _ in AsyncStream { $0.onTermination = { _ in end.finish() } } }
        ])
        try await studio.serve { browser in
            let heard = NIOLockedValueBox("")
            try await browser.sendAndLeave(Self.request + "\r\n", heard: heard) {
                heard.withLockedValue { $0.components(separatedBy: ": \n\n").count > 3 }
            }
            for await _ in ended {}
        }
    }

    @Test("open streams do not keep the server from ending")
    func shutdown() async throws {
        let studio = try TestStudio(routes: [Source { _ in AsyncStream { _ in } }])
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let listener = try await studio.serve { browser in
            let listener = Task {
                defer { begin.finish() }
                let heard = NIOLockedValueBox("")
                return try await browser.listen(Self.request + "\r\n", heard: heard) {
                    begin.yield()
                }
            }
            for await _ in begun { break }
            return listener
        }
        let answer = try await listener.value
        #expect(answer.contains("retry: 2000"))
    }

    @Test(
        "for a slow page only the newest of a key waits, and never more than the places there are"
    )
    func mailbox() {
        let mailbox = EventMailbox(capacity: 3)
        for step in 0..<1000 { mailbox.put(ServerEvent("step", json: "\(step)", key: "job 1")) }
        mailbox.put(ServerEvent("state", json: "1"))
        #expect(mailbox.take().map(\.data) == ["999", "1"])
        for line in 0..<1000 { mailbox.put(ServerEvent("log", json: "\(line)")) }
        let events = mailbox.take()
        #expect(events.map(\.name) == ["missed", "log", "log", "log"])
        #expect(events.map(\.data) == ["{\"count\":997}", "997", "998", "999"])
        #expect(mailbox.take() == [])
        mailbox.close()
        mailbox.put(ServerEvent("late", json: "1"))
        #expect(mailbox.take() == [])
    }
}

extension TestBrowser {
    /// Sends bytes, then closes the connection once a condition holds.
    func sendAndLeave(
        _ text: String,
        heard: NIOLockedValueBox<String> = NIOLockedValueBox(""),
        when condition: @Sendable @escaping () async throws -> Bool
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try? await listen(text, heard: heard) {} }
            while try await !condition() { try await Task.sleep(for: .milliseconds(5)) }
            group.cancelAll()
        }
    }

    /// Sends bytes and reads until either side closes.
    func listen(
        _ text: String,
        heard: NIOLockedValueBox<String>,
        onFirst: @Sendable () -> Void
    ) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "localhost", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            for try await part in inbound {
                heard.withLockedValue { $0 += String(buffer: part) }
                if heard.withLockedValue({ $0.contains("retry: ") }) { onFirst() }
            }
            return heard.withLockedValue { $0 }
        }
    }
}

import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// What a server saw of a request.
struct SeenRequest: Sendable {
    let method: HTTPMethod
    let path: String
    let headers: HTTPHeaders

    var range: String? { headers.first(name: "range") }
    var token: String? { headers.first(name: "authorization") }
}

/// What a server answers; with `breakAfter` it hangs up after so many bytes of the body.
struct Reply: Sendable {
    var status = HTTPResponseStatus.ok
    var headers = HTTPHeaders()
    var body: [UInt8] = []
    var breakAfter: Int?
}

/// A real HTTP server on a free port of this machine.
final class LocalServer: Sendable {
    typealias Answer = @Sendable (SeenRequest) -> Reply

    private let channel: any Channel
    private let seen: Requests

    final class Requests: Sendable {
        let list = Mutex<[SeenRequest]>([])
    }

    var requests: [SeenRequest] { seen.list.withLock { $0 } }
    var port: Int { channel.localAddress?.port ?? 0 }

    init(_ answer: @escaping Answer) async throws {
        let seen = Requests()
        self.seen = seen
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(answer, seen))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func stop() async throws { try await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let answer: Answer
        private let seen: Requests
        private var request: SeenRequest?

        init(_ answer: @escaping Answer, _ seen: Requests) {
            self.answer = answer
            self.seen = seen
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                request = SeenRequest(method: head.method, path: head.uri, headers: head.headers)
            case .body: break
            case .end: request.map { reply(to: $0, context) }
            }
        }

        private func reply(to request: SeenRequest, _ context: ChannelHandlerContext) {
            seen.list.withLock { $0.append(request) }
            let reply = answer(request)
            var headers = reply.headers
            if !headers.contains(name: "content-length") {
                headers.add(name: "content-length", value: "\(reply.body.count)")
            }
            let head = HTTPResponseHead(version: .http1_1, status: reply.status, headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            let body = request.method == .HEAD ? [] : reply.body.prefix(reply.breakAfter ?? .max)
            context.write(wrapOutboundOut(.body(.byteBuffer(.init(bytes: body)))), promise: nil)
            guard reply.breakAfter == nil else {
                context.flush()
                // Late enough for the client to take what came before.
                let channel = context.channel
                context.eventLoop.scheduleTask(in: .milliseconds(50)) {
                    channel.close(promise: nil)
                }
                return
            }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}

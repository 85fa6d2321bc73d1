import Foundation
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle
import UnixSignals

/// The local web studio: one HTTP server over the program's other parts.
public struct StudioServer: Sendable {
    /// What it was told.
    public let configuration: StudioConfiguration
    /// The folders that pages may use; the studio's own is the last.
    public let roots: Roots
    /// The uploads under way.
    public let uploads: UploadStore
    /// What browsers must show to be let in; nil if only this machine can reach the server.
    public let token: String?
    let sessions: Sessions
    private let pages: StaticPages
    private let routes: [any StudioRoutes]

    /// Looks at the roots and makes the studio's own folder.
    ///
    /// - Parameters:
    ///   - configuration: where to listen, and what pages may use.
    ///   - routes: further addresses below the roots: jobs, data sets, tasks.
    /// - Throws: `StudioError` for a root that is no folder; Foundation's errors for a home that cannot be made.
    public init(
        _ configuration: StudioConfiguration,
        routes: (Roots) throws -> [any StudioRoutes] = { _ in [] }
    ) throws {
        self.configuration = configuration
        try configuration.makeHome()
        roots = try configuration.openRoots()
        uploads = try UploadStore(
            home: configuration.home,
            roots: roots,
            limit: configuration.uploadLimit
        )
        token = configuration.token ?? (configuration.isLoopback ? nil : Sessions.random())
        sessions = Sessions(token: token, port: configuration.port)
        pages = try StaticPages.bundled()
        self.routes = try routes(roots)
    }

    /// Serves until the process is asked to end (SIGINT, SIGTERM); open answers get ten seconds.
    ///
    /// - Parameters:
    ///   - logger: for requests and failures.
    ///   - services: what runs and ends with the server.
    ///   - onRunning: gets the address for browsers once the port is open.
    /// - Throws: `StudioError` for an address that cannot be had.
    public func run(
        logger: Logger = Logger(label: "studio"),
        services: [any Service] = [],
        onRunning: @escaping @Sendable (String) async -> Void = { _ in }
    ) async throws {
        var application = application(logger: logger, onRunning: onRunning)
        application.addServices(services)
        var group = ServiceGroupConfiguration(
            services: [application],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        group.maximumGracefulShutdownDuration = .seconds(10)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error as IOError {
            throw addressFault(error)
        }
    }

    /// The application, for running and for tests.
    func application(
        logger: Logger = Logger(label: "studio"),
        onRunning: @escaping @Sendable (String) async -> Void = { _ in }
    ) -> Application<RouterResponder<StudioContext>> {
        let host = configuration.host
        return Application(
            router: router(),
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    idleTimeout: .seconds(Int64(configuration.patience))
                )
            ),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: configuration.port),
                serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    configuration.connectionLimit
                )
            ),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                await onRunning("http://\(ServedNames.shown(host)):\(port)/")
            },
            logger: logger
        )
    }

    /// All addresses behind all checks, outermost first.
    func router() -> Router<StudioContext> {
        let router = Router(context: StudioContext.self)
        router.add(middleware: AccessLog())
        router.add(middleware: SecurityHeaders())
        router.add(middleware: ErrorAnswers())
        router.add(middleware: HostCheck(names: ServedNames(configuration)))
        router.add(middleware: BodyLimit(streamed: UploadRoutes.path + "/"))
        router.add(middleware: TokenCheck(sessions: sessions))
        router.add(middleware: ChangeProtection())
        let own: [any StudioRoutes] = [
            pages, LoginRoutes(sessions: sessions),
            SessionRoutes(sessions: sessions, roots: roots, version: configuration.version),
            FileRoutes(roots: roots), UploadRoutes(store: uploads), RunFileRoutes(roots: roots),
            SystemRoutes(configuration, roots: roots),
        ]
        for part in own + routes { part.add(to: router) }
        return router
    }

    private func addressFault(_ error: IOError) -> StudioError {
        let place = "\(ServedNames.shown(configuration.host)):\(configuration.port)"
        switch error.errnoCode {
        case EADDRINUSE:
            return StudioError(
                .conflict,
                place,
                "is in use by another program, perhaps another studio",
                fix: "end that one, or choose another port with --port"
            )
        case EACCES:
            return StudioError(
                .forbidden,
                place,
                "is a port that this user may not open",
                fix: "choose one above 1023 with --port"
            )
        default:
            return StudioError(
                .badRequest,
                place,
                "cannot be listened at: \(error)",
                fix: "name an address of this machine with --host"
            )
        }
    }
}

public import Hummingbird

/// What goes along with a request.
public struct StudioContext: RequestContext {
    /// Hummingbird's own part.
    public var coreContext: CoreRequestContextStorage
    /// The session that the request's cookie names; nil without a valid one.
    public var session: Session?
    /// Whether the request shows the token itself, as scripts do, and no cookie.
    public var hasBearerToken = false

    /// The most bytes of a body that is read into memory.
    public var maxUploadSize: Int { 4 << 20 }

    /// A context for one request.
    public init(source: ApplicationRequestContextSource) { coreContext = .init(source: source) }
}

/// A part of the studio's addresses.
public protocol StudioRoutes: Sendable {
    /// Adds the addresses to the router, behind all middleware.
    func add(to router: Router<StudioContext>)
}

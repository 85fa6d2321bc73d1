import Hummingbird

/// The machine's state.
struct SystemRoutes: StudioRoutes {
    private let roots: Roots
    private let versions: [String: String]

    /// Routes of a studio that knows its own parts' versions.
    init(_ configuration: StudioConfiguration, roots: Roots) {
        self.roots = roots
        versions = configuration.parts.merging(["likeness": configuration.version]) { $1 }
    }

    func add(to router: Router<StudioContext>) {
        router.get("/api/system") { _, _ in
            try Response.json(
                await SystemFacts.now(versions: versions, folders: roots.folders.map(\.path))
            )
        }
    }
}

import Hummingbird

/// The machine's state.
struct SystemRoutes: StudioRoutes {
    let roots: Roots
    let version: String

    func add(to router: Router<StudioContext>) {
        router.get("/api/system") { _, _ in
            try Response.json(
                await SystemFacts.now(version: version, folders: roots.folders.map(\.path))
            )
        }
    }
}

public import JobControl
public import RunStore
public import ServiceLifecycle

/// The studio's store and its supervisor, as a service that looks after jobs while the server runs.
public struct StudioJobs: Service {
    /// Jobs, curves, previews, tasks.
    public let database: RunDatabase
    /// Starts and watches jobs.
    public let supervisor: Supervisor
    private let home: String

    /// Opens the store in the studio's folder, which must be there.
    ///
    /// - Parameters:
    ///   - home: the studio's folder.
    ///   - launcher: how jobs are started.
    /// - Throws: `StoreError`.
    public init(home: String, launcher: JobLauncher = JobLauncher()) throws {
        self.home = home
        database = try RunDatabase(path: home + "/studio.sqlite")
        supervisor = Supervisor(database: database, home: home, launcher: launcher)
    }

    /// The addresses of jobs and tasks.
    ///
    /// - Throws: `StoreError`.
    public func routes(_ roots: Roots) throws -> [any StudioRoutes] {
        let tasks = try TaskRoutes(
            database: database,
            roots: roots,
            home: home,
            program: JobLauncher.thisProgram
        )
        return [
            JobRoutes(supervisor: supervisor, database: database, roots: roots),
            JobDetailRoutes(supervisor: supervisor, database: database, roots: roots),
            tasks, DatasetRoutes(roots: roots, tasks: tasks), LoRARoutes(roots: roots),
        ]
    }

    /// Looks after jobs until the server ends; jobs go on then.
    public func run() async {
        await cancelWhenGracefulShutdown { await supervisor.run() }
    }
}

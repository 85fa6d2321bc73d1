public import JobControl
public import RunStore
public import ServiceLifecycle

/// The studio's store and its supervisor, as a service that looks after jobs while the server runs.
public struct StudioJobs: Service {
    /// Jobs, curves, previews, tasks.
    public let database: RunDatabase
    /// Starts and watches jobs.
    public let supervisor: Supervisor
    private let roots: Roots
    private let tasks: TaskRoutes

    /// Opens the store in the studio's own folder, which is made where it is not there.
    ///
    /// - Parameters:
    ///   - configuration: the folders that pages may use; jobs work in the first, as relative paths of run files say.
    ///   - launcher: how jobs are started; by default as `likeness train`.
    /// - Throws: `StoreError`; `StudioError` for a root that is no folder.
    public init(_ configuration: StudioConfiguration, launcher: JobLauncher? = nil) throws {
        try configuration.makeHome()
        let home = configuration.home
        roots = try configuration.openRoots()
        database = try RunDatabase(path: home + "/studio.sqlite")
        let launcher = launcher ?? JobLauncher(workingFolder: roots.folders[0].path)
        supervisor = Supervisor(database: database, home: home, launcher: launcher)
        tasks = try TaskRoutes(
            database: database,
            roots: roots,
            home: home,
            program: JobLauncher.thisProgram
        )
    }

    /// The addresses of jobs, tasks, clips and adapters.
    public var routes: [any StudioRoutes] {
        [
            JobRoutes(supervisor: supervisor, database: database, roots: roots),
            JobDetailRoutes(supervisor: supervisor, database: database, roots: roots),
            tasks, DatasetRoutes(roots: roots, tasks: tasks),
            LoRARoutes(roots: roots, jobs: database.jobs),
        ]
    }

    /// Looks after jobs until the server ends; jobs go on then, tasks end.
    public func run() async {
        await cancelWhenGracefulShutdown { await supervisor.run() }
        await tasks.runner.endAll()
    }
}

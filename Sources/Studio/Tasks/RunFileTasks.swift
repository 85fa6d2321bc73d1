import HTTPTypes
import RunStore

/// What a run will take.
struct PlanTask: TaskKind {
    static let name = "plan"
    let yaml: String

    func command(in scene: TaskScene) throws -> TaskCommand {
        TaskCommand(arguments: ["plan", try scene.folder.write(yaml, to: "run.yaml"), "--json"])
    }
}

/// Whether clips, model and machine are fit for a run, or a folder of clips for a job's settings.
struct CheckTask: TaskKind {
    static let name = "check"
    let yaml: String?
    let folder: String?
    let job: String?

    func command(in scene: TaskScene) throws -> TaskCommand {
        let file = try scene.folder.write(try text(in: scene), to: "run.yaml")
        // 2: there is a verdict, and it is no.
        return TaskCommand(arguments: ["check", file, "--json"], goodStatuses: [0, 2])
    }

    private func text(in scene: TaskScene) throws -> String {
        if let yaml { return yaml }
        guard let folder else {
            throw StudioError(.badRequest, "check", "has neither yaml nor folder", fix: "name one")
        }
        let like = try job.map(scene.jobs.runFile(of:))
        return try FolderRunFile(folder: try scene.roots.existing(folder), like: like).text
    }
}

/// Encodes a job's clips and captions, without training.
struct CacheTask: TaskKind {
    static let name = "cache"
    let job: String

    func command(in scene: TaskScene) throws -> TaskCommand {
        let file = try scene.folder.write(try scene.jobs.runFile(of: job), to: "run.yaml")
        return TaskCommand(arguments: ["cache", "fill", file])
    }
}

/// Whether this machine computes what the reference computes.
struct VerifyTask: TaskKind {
    static let name = "verify"
    let device: String?

    func command(in scene: TaskScene) throws -> TaskCommand {
        let known = device.map { device in
            device.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ":") }
        }
        guard known != false else {
            throw StudioError(
                .badRequest,
                "device",
                "is no device",
                fix: "name one of the system page: cpu, cuda:0"
            )
        }
        return TaskCommand(arguments: ["verify"] + (device.map { ["--device", $0] } ?? []))
    }
}

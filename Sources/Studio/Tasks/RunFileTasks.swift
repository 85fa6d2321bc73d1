import HTTPTypes

/// What a run will take.
struct PlanTask: TaskKind {
    static let name = "plan"
    let yaml: String

    func command(in scene: TaskScene) throws -> TaskCommand {
        TaskCommand(arguments: ["plan", try scene.folder.write(yaml, to: "run.yaml"), "--json"])
    }
}

/// Whether clips, model and machine are fit for a run.
struct CheckTask: TaskKind {
    static let name = "check"
    let yaml: String

    func command(in scene: TaskScene) throws -> TaskCommand {
        TaskCommand(arguments: ["check", try scene.folder.write(yaml, to: "run.yaml"), "--json"])
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

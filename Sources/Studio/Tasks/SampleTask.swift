import Foundation
import HTTPTypes
import RunConfig
import RunStore

/// Clips from a job's model with adapters.
struct SampleTask: TaskKind {
    /// An adapter and how much of it.
    struct Adapter: Decodable {
        let path: String
        let strength: Double?
    }

    static let name = "sample"
    let job: String
    let loras: [Adapter]
    let prompt: String
    let negative: String?
    let width: Int?
    let height: Int?
    let frames: Int?
    let fps: Double?
    let steps: Int?
    let seed: Int?
    let compare: Bool?
    /// The file to write; beside the first adapter where pages do not say.
    let output: String?

    func command(in scene: TaskScene) throws -> TaskCommand {
        let target = try target(in: scene.roots)
        let adapters = try loras.map { adapter in
            let file = try scene.roots.existing(adapter.path)
            return "--lora=\(file):\(adapter.strength ?? 1)"
        }
        var arguments = ["sample"] + (try model(of: scene)) + adapters
        arguments += ["--prompt=\(prompt)", "--output=\(target)"]
        arguments += negative.map { ["--negative=\($0)"] } ?? []
        let numbers = [
            ("width", width), ("height", height), ("frames", frames), ("steps", steps),
            ("seed", seed),
        ]
        arguments += numbers.compactMap { name, value in value.map { "--\(name)=\($0)" } }
        arguments += fps.map { ["--fps=\($0)"] } ?? []
        if compare == true { arguments.append("--compare") }
        let stem = (target as NSString).deletingPathExtension
        return TaskCommand(arguments: arguments, output: [stem])
    }

    private func target(in roots: Roots) throws -> String {
        if let output {
            return try roots.creatable(at: output, endings: ["mp4", "png", "jpg", "wav", "flac"])
        }
        guard let first = loras.first?.path else {
            throw StudioError(.badRequest, "output", "is missing", fix: "name a file in a folder")
        }
        let stem = try (roots.changeable(first) as NSString).deletingPathExtension
        var number = 1
        while ["mp4", "png", "wav"].contains(where: {
            FileManager.default.fileExists(atPath: "\(stem)-sample-\(number).\($0)")
        }) { number += 1 }
        return "\(stem)-sample-\(number).mp4"
    }

    /// The model as the job's run file names it.
    private func model(of scene: TaskScene) throws -> [String] {
        let values = RunFile.values(in: try scene.jobs.runFile(of: job))
        guard case .text(let model) = values["model.name_or_path"] else {
            throw StudioError(
                .unprocessableContent,
                "model.name_or_path",
                "is not given by the job's run file",
                fix: "give it there"
            )
        }
        var arguments = ["--checkpoint=\(model)"]
        if case .text(let encoder) = values["model.te_name_or_path"] {
            arguments.append("--text-encoder=\(encoder)")
        }
        if case .text(let device) = values["device"] { arguments.append("--device=\(device)") }
        return arguments
    }
}

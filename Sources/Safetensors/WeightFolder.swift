import Foundation

/// Decides which files of a folder are the model's weights.
struct WeightFolder {
    let files: [String]
    let index: ShardIndex?

    private static let usualNames = ["model", "diffusion_pytorch_model"]

    init(path: String) throws(SafetensorsError) {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard exists, isFolder.boolValue else {
            files = [path]  // if it is missing, opening it says so
            index = nil
            return
        }
        let listed = try Self.list(path)
        if let name = Self.preferred(listed, ending: ".safetensors.index.json") {
            let index = try ShardIndex(folder: path, file: name)
            files = index.files.map { "\(path)/\($0)" }
            self.index = index
            return
        }
        let usual = Self.usualNames.map { "\($0).safetensors" }.first(where: listed.contains)
        let names = usual.map { [$0] } ?? listed.filter { $0.hasSuffix(".safetensors") }
        guard !names.isEmpty else { throw Self.empty(path, listed) }
        files = names.map { "\(path)/\($0)" }
        index = nil
    }

    /// The file with a usual name, else the only one with that ending.
    private static func preferred(_ listed: [String], ending: String) -> String? {
        let usual = usualNames.map { $0 + ending }.first(where: listed.contains)
        let others = listed.filter { $0.hasSuffix(ending) }
        return usual ?? (others.count == 1 ? others.first : nil)
    }

    /// Names in the folder, sorted; hidden files, such as those being written, are left out.
    private static func list(_ path: String) throws(SafetensorsError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
                .filter { !$0.hasPrefix(".") }
                .sorted()
        } catch {
            throw SafetensorsError(
                .unreadable,
                at: path,
                "cannot be listed (\(error.localizedDescription)), should be a readable folder",
                fix: "check its permissions"
            )
        }
    }

    private static func empty(_ path: String, _ listed: [String]) -> SafetensorsError {
        let pickles = listed.filter { name in
            [".pt", ".pth", ".ckpt", ".bin"].contains { name.hasSuffix($0) }
        }
        guard let pickle = pickles.first else {
            return SafetensorsError(
                .unreadable,
                at: path,
                "holds no weights, should hold .safetensors files",
                fix: "check the path, or download the model"
            )
        }
        return SafetensorsError(
            .unreadable,
            at: path,
            "holds \(pickle), a pickle that can run any code when loaded, should hold safetensors",
            fix: "get the .safetensors files of the same model"
        )
    }
}

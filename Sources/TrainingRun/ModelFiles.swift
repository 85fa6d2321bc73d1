import Foundation
public import LTXModel
public import ModelHub
public import RunConfig

/// The model files of a run: what the run file names, and where they are.
public struct ModelFiles: Sendable {
    /// One model, as the run file names it.
    public struct Source: Sendable, Equatable {
        /// Path or id, as written.
        public let id: String
        /// Path on this machine; nil if it has to be downloaded first.
        public let path: String?

        /// The path of a model that must be here by now.
        var presentPath: String {
            get throws(ModelInputError) {
                guard let path else {
                    throw ModelInputError("\(id): is not on this machine; download it first")
                }
                return path
            }
        }
    }

    /// Transformer, connectors and VAEs.
    public let checkpoint: Source
    /// The parts beside the transformer, if they come from elsewhere.
    public let extras: Source?
    /// Gemma.
    public let textEncoder: Source

    /// What LTX-2.3 single files use, since they hold no text encoder.
    static let defaultTextEncoder = "Lightricks/gemma-3-12b-it-qat-q4_0-unquantized"

    /// Looks for everything on this machine; downloads nothing.
    public static func locate(
        _ model: ModelSection,
        locator: ModelLocator
    ) throws -> ModelFiles {
        let checkpoint = try source(model.nameOrPath, .ltx, locator)
        let extras = try model.extrasNameOrPath
            .flatMap { $0 == model.nameOrPath ? nil : $0 }
            .map { try source($0, .ltx, locator) }
        let encoder = model.teNameOrPath ?? ownTextEncoder(checkpoint) ?? defaultTextEncoder
        return ModelFiles(
            checkpoint: checkpoint,
            extras: extras,
            textEncoder: try source(encoder, .gemma, locator)
        )
    }

    /// A diffusers folder brings its own text encoder.
    private static func ownTextEncoder(_ checkpoint: Source) -> String? {
        guard let path = checkpoint.path,
            FileManager.default.fileExists(atPath: path + "/text_encoder")
        else { return nil }
        return path
    }

    private static func source(
        _ id: String,
        _ wanted: ModelFileSelection,
        _ locator: ModelLocator
    ) throws -> Source {
        var isFolder: ObjCBool = false
        // A folder that the user names is taken as it is; only ids go through the selection.
        if FileManager.default.fileExists(atPath: id, isDirectory: &isFolder), isFolder.boolValue {
            return Source(id: id, path: try checkpointPath(in: id))
        }
        return Source(id: id, path: try locator.locate(id, files: wanted)?.path)
    }

    /// A folder with one safetensors file and nothing of diffusers means that file.
    private static func checkpointPath(in folder: String) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        let isStructured = ["transformer", "text_encoder", "config.json"].contains(
            where: names.contains
        )
        let files = names.filter { $0.hasSuffix(".safetensors") }
        return !isStructured && files.count == 1 ? "\(folder)/\(files[0])" : folder
    }

    /// Downloads what is missing.
    public func fetched(
        _ locator: ModelLocator,
        progress: @escaping @Sendable (DownloadProgress) -> Void
    ) async throws -> ModelFiles {
        func present(_ source: Source, _ wanted: ModelFileSelection) async throws -> Source {
            guard source.path == nil else { return source }
            let location = try await locator.fetch(source.id, files: wanted, progress: progress)
            return Source(id: source.id, path: location.path)
        }
        let checkpoint = try await present(checkpoint, .ltx)
        var extras = extras
        if let source = extras { extras = try await present(source, .ltx) }
        let encoder = Self.ownTextEncoder(checkpoint).map { Source(id: $0, path: $0) }
        let isDefault = textEncoder.id == Self.defaultTextEncoder
        return ModelFiles(
            checkpoint: checkpoint,
            extras: extras,
            textEncoder: try await present(isDefault ? encoder ?? textEncoder : textEncoder, .gemma)
        )
    }

    /// Whether nothing has to be downloaded.
    public var isComplete: Bool {
        [checkpoint, extras, textEncoder].compactMap(\.self).allSatisfy { $0.path != nil }
    }

    /// Where a checkpoint lies that the user names by path or id.
    ///
    /// - Throws: `ConfigurationError` if it is not on this machine.
    public static func checkpointPath(of id: String, locator: ModelLocator) throws -> String {
        if let path = try source(id, .ltx, locator).path { return path }
        throw ConfigurationError(
            "\(id): is not on this machine; check the path, or download it with: likeness model fetch \(id)"
        )
    }

    /// Opens the transformer's checkpoint; nil if it is not on this machine.
    public func openCheckpoint() throws -> Checkpoint? {
        try checkpoint.path.map { try Checkpoint(path: $0) }
    }

    /// Opens the checkpoints of the transformer and of the rest, which must both be here.
    func open() throws -> (checkpoint: Checkpoint, extras: Checkpoint) {
        guard let checkpoint = try openCheckpoint(), let extras = try openExtras() else {
            throw ModelInputError("\(checkpoint.id): is not on this machine; download it first")
        }
        return (checkpoint, extras)
    }

    /// Opens the checkpoint that holds connectors and VAEs.
    public func openExtras() throws -> Checkpoint? {
        guard let extras else { return try openCheckpoint() }
        return try extras.path.map { try Checkpoint(path: $0) }
    }
}

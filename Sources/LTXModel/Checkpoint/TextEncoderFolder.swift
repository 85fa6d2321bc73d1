import Foundation
import Safetensors
public import Torch

/// A Gemma text encoder on disk: a folder with `config.json`, weights and `tokenizer.model`, or one file.
public struct TextEncoderFolder {
    /// The folder or file.
    public let path: String
    /// Sizes of the model.
    public let config: GemmaConfiguration
    private let files: WeightFiles
    private let tokenizerPath: String?

    /// Opens a folder (also one that keeps its parts in `text_encoder` and `tokenizer`) or a file.
    public init(path: String) throws {
        self.path = path
        let manager = FileManager.default
        let inner = path + "/text_encoder"
        let place = manager.fileExists(atPath: inner) ? inner : path
        files = try WeightFiles(path: place)
        let json =
            manager.contents(atPath: place + "/config.json")
            ?? files.metadata["config"].map { Data($0.utf8) }
        guard let json else {
            throw ConfigurationError(
                "\(place): has no config.json; use a Gemma folder with config.json, weights and tokenizer.model"
            )
        }
        config = try GemmaConfiguration(ConfigObject(json: json, path: place + "/config.json"))
        tokenizerPath = [path + "/tokenizer/tokenizer.model", place + "/tokenizer.model"]
            .first { manager.fileExists(atPath: $0) }
    }

    /// The bytes of `tokenizer.model`, from the folder or from the weights file itself.
    public func tokenizerModel() throws -> [UInt8] {
        if let tokenizerPath, let data = FileManager.default.contents(atPath: tokenizerPath) {
            return [UInt8](data)
        }
        if let file = files.file(for: "spiece_model"),
            let bytes = file.withBytes(of: "spiece_model", { [UInt8]($0) })
        {
            return bytes
        }
        throw ConfigurationError(
            "\(path): has no tokenizer.model; put Gemma's tokenizer.model beside its weights"
        )
    }

    /// Reads the model.
    ///
    /// `quantization` says which layers are kept in a narrow format; what is stored in one stays so anyway.
    /// `offloading` takes the linear layers that are to live in host memory.
    public func model(
        dtype: DType?,
        device: Device,
        quantization: QuantizationRules? = nil,
        offloading: BlockOffloading? = nil
    ) throws -> GemmaModel {
        let source = FileWeights(files, rename: GemmaModel.weightName)
        let reader = WeightReader(source, named: path, dtype: dtype, device: device) {
            quantization?.format(of: $0)
        }
        return try withTorchErrors {
            let model = GemmaModel(reader.root, config, offloading: offloading)
            try reader.finish()
            return model
        }
    }

    /// What tells this encoder's weights from others.
    public var fingerprint: WeightFingerprint {
        WeightFingerprint(FileWeights(files, rename: GemmaModel.weightName))
    }
}

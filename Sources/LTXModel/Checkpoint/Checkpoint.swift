import Foundation
import Safetensors
public import Torch

/// An LTX-2 checkpoint on disk: one file with the original names, or a diffusers folder.
///
/// Opening reads headers only; each part is read when it is asked for.
public struct Checkpoint {
    /// How a checkpoint lies on disk.
    public enum Layout: String, Sendable {
        case singleFile = "single file"
        case diffusersFolder = "diffusers folder"
    }

    /// The parts that training and sampling read.
    public enum Component: String, CaseIterable, Sendable {
        case transformer
        case connectors
        case videoVAE = "vae"
        case audioVAE = "audio_vae"
        case vocoder
    }

    /// The file or folder.
    public let path: String
    /// How it lies on disk.
    public let layout: Layout
    /// Which version it is.
    public let version: ModelVersion
    private let parts: [Component: CheckpointPart]

    /// Opens a `.safetensors` file or a diffusers folder.
    ///
    /// - Throws: `SafetensorsError`, `ConfigurationError` or `CheckpointError`.
    public init(path: String) throws {
        try self.init(anyPartOf: path)
        guard ModelVersion(keys: parts[.transformer]?.weights.names ?? []) != nil else {
            throw ConfigurationError(
                "\(path): holds no LTX-2 transformer (no audio_to_video_attn in its keys); "
                    + "use an LTX-2.0, 2.3 or 2.5 checkpoint"
            )
        }
    }

    /// Opens a file that may hold no transformer, such as LTX-2.5's audio VAE with its vocoder.
    ///
    /// - Throws: `SafetensorsError`, `ConfigurationError` or `CheckpointError`.
    public init(anyPartOf path: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw ConfigurationError(
                "\(path): there is no such file or folder; check model.name_or_path"
            )
        }
        self.path = path
        let isDiffusers =
            isFolder.boolValue
            && FileManager.default.fileExists(atPath: path + "/transformer")
        layout = isDiffusers ? .diffusersFolder : .singleFile
        parts = try isDiffusers ? CheckpointPart.folder(path) : CheckpointPart.file(path)
        let number = parts.values.first?.weights.metadata["model_version"]
        version =
            ModelVersion(keys: parts[.transformer]?.weights.names ?? [])
            ?? ModelVersion(number: number ?? "")
    }

    /// Whether a part is there.
    public func has(_ component: Component) -> Bool { parts[component] != nil }

    /// A part's weights, under the original names without their prefix.
    public func weights(_ component: Component) throws -> FileWeights {
        try part(component).weights
    }

    /// What tells a part's weights from others.
    public func fingerprint(_ component: Component) throws -> WeightFingerprint {
        WeightFingerprint(try weights(component))
    }

    func part(_ component: Component) throws(ConfigurationError) -> CheckpointPart {
        guard let part = parts[component] else {
            throw ConfigurationError(
                "\(path): has no \(component.rawValue); use a whole checkpoint, "
                    + "or name one that has it in model.extras_name_or_path"
            )
        }
        return part
    }

    /// Sizes and switches of the transformer.
    public var transformerConfiguration: TransformerConfiguration {
        get throws {
            let part = try part(.transformer)
            guard layout == .singleFile else {
                return try TransformerConfiguration(diffusers: part.config)
            }
            let projects = part.weights.shape(of: "caption_projection.linear_1.weight") != nil
            return try TransformerConfiguration(
                original: part.config,
                hasCaptionProjection: projects
            )
        }
    }

    /// Sizes of projections and connectors.
    public var textConfiguration: TextConfiguration {
        get throws {
            let config = try part(.connectors).config
            return try layout == .singleFile
                ? TextConfiguration(original: config) : TextConfiguration(diffusers: config)
        }
    }

    /// Sizes of the video VAE.
    public var videoVAEConfiguration: VideoVAEConfiguration {
        get throws {
            let config = try part(.videoVAE).config
            return try layout == .singleFile
                ? VideoVAEConfiguration(original: config) : VideoVAEConfiguration(diffusers: config)
        }
    }

    /// Sizes of the audio VAE and its mel front end.
    public var audioVAEConfiguration: AudioVAEConfiguration {
        get throws {
            let config = try part(.audioVAE).config
            return try layout == .singleFile
                ? AudioVAEConfiguration(original: config) : AudioVAEConfiguration(diffusers: config)
        }
    }

    /// Factors between latents and the world, as both VAEs say.
    public var latentScale: LatentScale {
        get throws {
            let (video, audio) = try (videoVAEConfiguration, audioVAEConfiguration)
            var scale = LatentScale()
            scale.time = video.timeFactor
            scale.space = video.spaceFactor
            scale.audio = audio.factor
            scale.hop = audio.mel.hop
            scale.sampleRate = audio.mel.sampleRate
            return scale
        }
    }

    // MARK: - Reading parts

    /// Reads the transformer; every missing, left-over or misshapen weight is named in the error.
    ///
    /// `quantization` says which layers are kept in a narrow format; what is stored in one stays so anyway.
    /// `offloading` takes the linear layers of the blocks that are to live in host memory.
    public func transformer(
        dtype: DType?,
        device: Device,
        quantization: QuantizationRules? = nil,
        offloading: BlockOffloading? = nil
    ) throws -> Transformer {
        let reader = try reader(
            .transformer,
            dtype: dtype,
            device: device,
            quantization: quantization
        )
        return try transformer(reader, offloading)
    }

    /// Reads the transformer in float32 and tells its weights by name, to differentiate by them.
    package func transformerWithWeights(
        device: Device
    ) throws -> (model: Transformer, weights: [String: Tensor]) {
        let reader = try reader(
            .transformer,
            dtype: .float32,
            device: device,
            keepsTensors: true
        )
        return (try transformer(reader), reader.tensors)
    }

    func transformer(
        _ reader: WeightReader,
        _ offloading: BlockOffloading? = nil
    ) throws -> Transformer {
        let config = try transformerConfiguration
        let scale = has(.videoVAE) && has(.audioVAE) ? try latentScale : LatentScale()
        return try read(reader) {
            Transformer($0, config: config, scale: scale, offloading: offloading)
        }
    }

    /// Reads the projection behind the text encoder.
    public func textProjection(
        hiddenWidth: Int,
        stateCount: Int,
        dtype: DType?,
        device: Device
    ) throws -> TextProjection {
        let config = try textConfiguration
        return try read(.connectors, dtype: dtype, device: device) { root in
            (root / "video_embeddings_connector").ignore()
            (root / "audio_embeddings_connector").ignore()
            return TextProjection(
                root / "text_embedding_projection",
                config,
                hiddenWidth: hiddenWidth,
                stateCount: stateCount
            )
        }
    }

    /// Reads the connectors.
    public func textConnectors(dtype: DType?, device: Device) throws -> TextConnectors {
        let config = try textConfiguration
        return try read(.connectors, dtype: dtype, device: device) { root in
            (root / "text_embedding_projection").ignore()
            return TextConnectors(root, config)
        }
    }

    /// Reads the encoder of the video VAE, in float32.
    public func videoEncoder(device: Device) throws -> VideoEncoder {
        let config = try videoVAEConfiguration
        return try read(.videoVAE, dtype: .float32, device: device) { VideoEncoder($0, config) }
    }

    /// Reads the encoder of the audio VAE, in float32.
    public func audioEncoder(device: Device) throws -> AudioEncoder {
        let config = try audioVAEConfiguration
        return try read(.audioVAE, dtype: .float32, device: device) { AudioEncoder($0, config) }
    }

    /// Reads the decoder of the audio VAE, in float32.
    public func audioDecoder(device: Device) throws -> AudioDecoder {
        let config = try audioVAEConfiguration
        return try read(.audioVAE, dtype: .float32, device: device) { AudioDecoder($0, config) }
    }

    /// Whether the file holds a decoder of the audio VAE; some hold the encoder alone.
    public var hasAudioDecoder: Bool {
        (try? weights(.audioVAE))?.names.contains { $0.hasPrefix("decoder.") } ?? false
    }

    func read<Model>(
        _ component: Component,
        dtype: DType?,
        device: Device,
        _ make: (WeightScope) -> Model
    ) throws -> Model {
        try read(reader(component, dtype: dtype, device: device), make)
    }

    private func read<Model>(
        _ reader: WeightReader,
        _ make: (WeightScope) -> Model
    ) throws -> Model {
        try withTorchErrors {
            let model = make(reader.root)
            try reader.finish()
            return model
        }
    }

    func reader(
        _ component: Component,
        dtype: DType?,
        device: Device,
        keepsTensors: Bool = false,
        quantization: QuantizationRules? = nil
    ) throws -> WeightReader {
        WeightReader(
            try weights(component),
            named: "\(path) (\(component.rawValue))",
            dtype: dtype,
            device: device,
            keepsTensors: keepsTensors,
            formatOf: { quantization?.format(of: $0) }
        )
    }
}

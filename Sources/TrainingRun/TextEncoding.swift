import ClipCache
import LTXModel
import RunConfig
import Tokenizer
import Torch

/// Prompts to contexts: the text encoder runs once per new prompt, its features stay on disk.
final class TextEncoding {
    private let checkpoint: Checkpoint
    private let encoder: TextEncoderFolder
    private let tokenizer: GemmaTokenizer
    private let cache: TextCache
    private let dtype: DType
    private let device: Device
    private let quantization: QuantizationRules?
    private let offloading: LayerOffloading
    private let offloadedShare: Double
    private let encoderFingerprint: String
    private let projectionFingerprint: String

    init(
        checkpoint: Checkpoint,
        encoderPath: String,
        cache: TextCache,
        dtype: DType,
        device: Device,
        model: ModelSection
    ) throws {
        self.checkpoint = checkpoint
        encoder = try TextEncoderFolder(path: encoderPath)
        tokenizer = try GemmaTokenizer(modelBytes: encoder.tokenizerModel(), place: encoderPath)
        self.cache = cache
        self.dtype = dtype
        self.device = device
        quantization = model.encoderRules
        offloading = model.layerOffloading
        offloadedShare = offloading == .on ? model.layerOffloadingTextEncoderPercent : 0
        // Features of a quantised encoder are other features.
        let format = model.encoderRules.map { " \($0.format)" } ?? ""
        encoderFingerprint = "\(encoder.fingerprint) \(dtype)\(format)"
        projectionFingerprint = try checkpoint.fingerprint(.connectors).description
    }

    /// Contexts of all prompts, in the CPU's memory; encoder and connectors are gone afterwards.
    ///
    /// - Parameters:
    ///   - prompts: every text that training will use.
    ///   - adapting: called with the connectors before they are used.
    ///   - isCancelled: asked before each prompt.
    ///   - progress: told before each prompt that has to be encoded: its number, and how many.
    /// - Returns: a context for each prompt.
    /// - Throws: `RunInterrupted`, or what reading weights, encoding or caching throws.
    func contexts(
        of prompts: [String],
        adapting: (TextConnectors) throws -> Void = { _ in },
        isCancelled: () -> Bool,
        progress: (Int, Int) -> Void
    ) throws -> [String: TextContext] {
        try encodeMissing(prompts, isCancelled: isCancelled, progress: progress)
        try withTorchErrors { device.releaseCachedMemory() }
        let connectors = try checkpoint.textConnectors(dtype: dtype, device: device)
        try adapting(connectors)
        var contexts: [String: TextContext] = [:]
        for prompt in prompts { contexts[prompt] = try context(of: encoded(prompt), connectors) }
        return contexts
    }

    /// What the connectors are given for prompts whose contexts were made before, on the device.
    func features(of prompts: [String]) throws -> [String: TextFeatures] {
        var features: [String: TextFeatures] = [:]
        for prompt in prompts {
            let stored = try encoded(prompt)
            features[prompt] = try withTorchErrors { self.features(stored) }
        }
        return features
    }

    private func encoded(_ prompt: String) throws -> EncodedText {
        guard case .hit(let features) = cache.load(key(prompt)) else {
            throw ModelInputError(
                "\(cache.path(for: key(prompt))): is gone, should be there since a moment ago; "
                    + "start the run again and let nothing clean the cache meanwhile"
            )
        }
        return features
    }

    private func features(_ stored: EncodedText) -> TextFeatures {
        TextFeatures(video: tensor(stored.video), audio: stored.audio.map(tensor))
    }

    private func encodeMissing(
        _ prompts: [String],
        isCancelled: () -> Bool,
        progress: (Int, Int) -> Void
    ) throws {
        let missing = prompts.filter { prompt in
            if case .hit = cache.load(key(prompt)) { false } else { true }
        }
        guard !missing.isEmpty else { return }
        let extractor = try makeExtractor()
        for (index, prompt) in missing.enumerated() {
            guard !isCancelled() else { throw RunInterrupted(stage: "text encoding") }
            progress(index + 1, missing.count)
            let tokens = try tokenizer.encode(prompt).map(Int.init)
            let features = try withTorchErrors {
                try withoutGradients { try stored(extractor.features(of: tokens)) }
            }
            try cache.store(features, for: key(prompt))
        }
    }

    /// The encoder, with as many layers in host memory as the run file says; with `auto` all of them, if the device
    /// is too small for them.
    private func makeEncoder() throws -> GemmaModel {
        func read(_ share: Double) throws -> GemmaModel {
            try encoder.model(
                dtype: dtype,
                device: device,
                quantization: quantization,
                offloading: share > 0 ? BlockOffloading(device: device, share: share) : nil
            )
        }
        do {
            return try read(offloadedShare)
        } catch let error as TorchError where error.kind == .outOfMemory {
            guard offloading == .auto else { throw error }
            try withTorchErrors { device.releaseCachedMemory() }
            return try read(1)
        }
    }

    private func makeExtractor() throws -> TextFeatureExtractor {
        let model = try makeEncoder()
        let projection = try checkpoint.textProjection(
            hiddenWidth: encoder.config.width,
            stateCount: encoder.config.stateCount,
            dtype: dtype,
            device: device
        )
        return TextFeatureExtractor(encoder: model, projection: projection)
    }

    private func context(
        of features: EncodedText,
        _ connectors: TextConnectors
    ) throws -> TextContext {
        try withTorchErrors {
            try withoutGradients {
                let context = try connectors.context(of: self.features(features))
                return TextContext(
                    video: context.video.to(on: .cpu),
                    audio: context.audio.to(on: .cpu)
                )
            }
        }
    }

    private func key(_ prompt: String) -> TextKey {
        TextKey(
            prompt: prompt,
            encoderFingerprint: encoderFingerprint,
            projectionFingerprint: projectionFingerprint,
            tokenizerFingerprint: tokenizer.fingerprint
        )
    }

    private func stored(_ features: TextFeatures) -> EncodedText {
        func buffer(_ tensor: Tensor) -> BFloat16Buffer {
            let floats = FloatBuffer(shape: tensor.shape, values: tensor.floats())
            return BFloat16Buffer(rounding: floats)
        }
        return EncodedText(
            video: buffer(features.video),
            audio: features.audio.map(buffer)
        )
    }

    private func tensor(_ buffer: BFloat16Buffer) -> Tensor {
        let plain = buffer.bits.withUnsafeBytes {
            Tensor(bytes: $0, dtype: .bfloat16, shape: buffer.shape)
        }
        return plain.to(dtype, on: device)
    }
}

/// A stage was left because the user asked to stop; what it had finished stays cached.
public struct RunInterrupted: Error, Equatable, CustomStringConvertible {
    let stage: String

    /// What was interrupted and how to go on.
    public var description: String {
        "\(stage): was stopped; what is made stays in the cache; start the run again to go on"
    }
}

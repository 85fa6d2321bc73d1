public import Adapters
import ClipCache
import Foundation
public import LTXModel
import Media
import RunConfig
import Safetensors
public import Sampling
import Torch
public import Training

/// Makes the samples of a job, stage by stage: prompts, given files, transformer, files.
public final class SampleRun {
    private let job: SampleJob
    private let models: ModelFiles
    private let checkpoint: Checkpoint
    private let extras: Checkpoint
    private let stop: StopRequest
    private let dtype: DType
    /// Told of everything, on the thread that computes.
    public var onEvent: (SampleEvent) -> Void = { _ in }
    /// Where the time went; whole when the run is over.
    public private(set) var profile = SampleProfile()
    private var relief: (any MemoryRelief)?
    private var unsettled: (sample: RenderedSample, place: SamplePlace)?
    private var paths: [String] = []
    /// Told before each item, with what makes it: to look at layers, or to choose among the adapters.
    public var onItem: (Int, Transformer, AppliedAdapters?) throws -> Void = { _, _, _ in }
    /// Told the number of each item and its latents, before they are decoded.
    public var onLatents: (Int, SampleLatents) throws -> Void = { _, _ in }
    /// Whether samples become files; false only denoises them.
    public var writesFiles = true
    /// Whether the clock waits for the device, so that the parts are exact on a GPU.
    public var measuresExactly = false

    /// A run of a job whose models are all on this machine.
    ///
    /// - Throws: `ModelInputError` if they are not, or lack a part that the job needs.
    public init(_ job: SampleJob, models: ModelFiles, stop: StopRequest) throws {
        (self.job, self.models, self.stop) = (job, models, stop)
        (checkpoint, extras) = try models.open()
        dtype = DType(job.model.dtype)
        try checkParts()
    }

    /// Said before the first weight is read.
    private func checkParts() throws {
        let outputs = job.items.map(\.request.output)
        if outputs.contains(where: \.hasPicture), !extras.hasVideoDecoder {
            throw ModelInputError(
                "\(extras.path): holds no video decoder, so no pictures can be made; "
                    + "name a whole checkpoint with --extras"
            )
        }
        if outputs.contains(where: \.hasSound), !extras.canMakeSound {
            throw ModelInputError(
                "\(extras.path): holds no audio decoder or no vocoder, so no sound can be made; "
                    + "name a whole checkpoint with --extras, or add --only picture"
            )
        }
    }

    /// Makes everything, on a thread of its own; returns the files.
    public func run() async throws -> [String] {
        try await onOwnThread { try self.runStages() }
    }

    private func runStages() throws -> [String] {
        let begun = ContinuousClock.now
        defer { profile.total = (ContinuousClock.now - begun) / .seconds(1) }
        let texts = try measured(\.texts) { try contexts() }
        let given = try measured(\.given) { try givenLatents() }
        let (transformer, adapters) = try measured(\.reading) { try adaptedTransformer() }
        let maker = LatentMaker(transformer, version: checkpoint.version, device: job.device)
        maker.measuresExactly = measuresExactly
        let decoder = SampleDecoder(extras, device: job.device, dtype: DType(job.model.vaeDType))
        let renderer = SampleRenderer(decoder)
        for (number, item) in job.items.enumerated() {
            try checkStop()
            try onItem(number, transformer, adapters)
            let sample = Sample(item: item, given: given[number], number: number + 1)
            let latents = try latents(of: sample, maker, texts.adapted)
            try onLatents(number, latents)
            guard writesFiles else { continue }
            let made = try render(sample, latents, renderer)
            guard job.compares, let adapters else { continue }
            let base = try adapters.detached {
                try render(
                    sample.asBase,
                    self.latents(of: sample.asBase, maker, texts.base),
                    renderer
                )
            }
            try settle()
            paths.append(try compare(base, made, sample))
        }
        try settle()
        return paths
    }

    /// One sample on its way.
    private struct Sample {
        var item: SampleJob.Item
        let given: GivenLatents
        let number: Int
        var isBase = false

        /// The same, beside the adapted one.
        var asBase: Sample {
            var base = self
            base.item.target.path = item.target.beside("base")
            base.item.target.metadata.values["adapter"] = "none"
            base.isBase = true
            return base
        }
    }

    private func latents(
        of sample: Sample,
        _ maker: LatentMaker,
        _ contexts: [String: TextContext]
    ) throws -> SampleLatents {
        let request = sample.item.request
        let place = place(of: sample)
        let steps = maker.stepCount(of: request)
        let latents = try withRelief(relief, tell: { onEvent(.notice($0)) }) {
            try maker.latents(
                of: request,
                given: sample.given,
                prompt: context(request.prompt, contexts),
                negative: context(request.negative, contexts)
            ) { step in
                onEvent(.step(step, of: steps, sample: place))
                try checkStop()
            }
        }
        profile.passes += latents.seconds.passes
        profile.arithmetic += latents.seconds.arithmetic
        return latents
    }

    private func render(
        _ sample: Sample,
        _ latents: SampleLatents,
        _ renderer: SampleRenderer
    ) throws -> RenderedSample {
        try settle()  // the files of the sample before were written meanwhile
        let place = place(of: sample)
        let rendered = try renderer.render(
            latents,
            given: sample.given,
            to: sample.item.target,
            keepsFrames: job.compares
        ) { count in
            onEvent(.decoded(count, of: sample.item.request.frameCount, sample: place))
            try checkStop()
        }
        unsettled = (rendered, place)
        return rendered
    }

    private func place(of sample: Sample) -> SamplePlace {
        SamplePlace(number: sample.number, count: job.items.count, isBase: sample.isBase)
    }

    /// Waits for the files of the last sample, and tells of them.
    private func settle() throws {
        guard var sample = unsettled?.sample, let place = unsettled?.place else { return }
        unsettled = nil
        let written = try sample.settle()
        profile.rendering += sample.seconds
        paths += written
        onEvent(.written(written, sample: place))
    }

    /// Both in one movie; returns its path.
    private func compare(
        _ base: RenderedSample,
        _ adapted: RenderedSample,
        _ sample: Sample
    ) throws -> String {
        let target = sample.item.target
        let path = target.stem + ".compare." + (target.output == .sound ? "m4a" : "mp4")
        var metadata = target.metadata
        metadata.values["description"] = "left: the base model; right: with the adapter; same noise"
        try SideBySide.write(
            base,
            adapted,
            frameRate: sample.item.request.fps,
            to: path,
            metadata: metadata
        )
        onEvent(
            .written(
                [path],
                sample: SamplePlace(number: sample.number, count: job.items.count, isBase: false)
            )
        )
        return path
    }

    private func context(_ text: String, _ contexts: [String: TextContext]) throws -> TextContext {
        guard let context = contexts[text] else {
            throw ModelInputError("sample: \"\(text.prefix(40))\" was not encoded; start again")
        }
        return context
    }

    private func checkStop() throws {
        if stop.isAsked { throw RunInterrupted(stage: "sampling") }
    }

    private func measured<R>(
        _ part: WritableKeyPath<SampleProfile, Double>,
        _ body: () throws -> R
    ) rethrows -> R {
        let begun = ContinuousClock.now
        defer { profile[keyPath: part] += (ContinuousClock.now - begun) / .seconds(1) }
        return try body()
    }

    // MARK: - Stages

    /// Contexts with and without the adapters' layers in the connectors.
    private typealias Contexts = (
        adapted: [String: TextContext], base: [String: TextContext]
    )

    private func contexts() throws -> Contexts {
        let encoder = try models.textEncoder.presentPath
        onEvent(.reading(encoder))
        let encoding = try TextEncoding(
            checkpoint: extras,
            encoderPath: encoder,
            cache: TextCache(folder: Self.textCache),
            dtype: dtype,
            device: job.device,
            model: job.model
        )
        let texts = Set(job.items.flatMap(\.request.texts)).sorted()
        func made(adapting: (TextConnectors) throws -> Void) throws -> [String: TextContext] {
            try encoding.contexts(
                of: texts,
                adapting: adapting,
                isCancelled: { stop.isAsked },
                progress: { onEvent(.encodingText($0, of: $1)) }
            )
        }
        var isAdapted = false
        let adapted = try made { isAdapted = try self.adapt($0) }
        return (adapted, isAdapted && job.compares ? try made { _ in } : adapted)
    }

    /// Where encoded prompts are kept that belong to no folder of clips.
    private static var textCache: String {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache"
        return home + "/likeness/texts"
    }

    private func givenLatents() throws -> [GivenLatents] {
        let media = GivenMedia(extras, device: job.device)
        return try job.items.map { try media.latents(for: $0.request).inHostMemory }
    }

    /// Layers of the adapters that are in the connectors; returns whether there are any.
    private func adapt(_ connectors: TextConnectors) throws -> Bool {
        guard !job.adapters.isEmpty else { return false }
        let transformer = try checkpoint.linearPaths(.transformer)
        return try applied(to: connectors.linears, elsewhere: transformer).layerCount > 0
    }

    private func adaptedTransformer() throws -> (Transformer, AppliedAdapters?) {
        onEvent(.reading(checkpoint.path))
        let share =
            job.model.layerOffloading == .on ? job.model.layerOffloadingTransformerPercent : 0
        let transformer = try FittingTransformer(
            checkpoint: checkpoint,
            model: job.model,
            dtype: dtype,
            device: job.device
        ).read(beginningWith: share)
        if job.model.layerOffloading == .auto, let offloading = transformer.offloading {
            relief = AutomaticOffloading(offloading, device: job.device, repeated: "the sample")
        }
        guard !job.adapters.isEmpty else { return (transformer, nil) }
        let connectors = try extras.linearPaths(.connectors)
        let applied = try applied(to: transformer.linears, elsewhere: connectors)
        onEvent(.applied(layers: applied.layerCount))
        return (transformer, applied)
    }

    /// The job's adapters on the layers that are in memory.
    private func applied(to layers: [Linear], elsewhere: [String]) throws -> AppliedAdapters {
        let files = try job.adapters.map {
            (file: try SafetensorsFile(path: $0.path), strengths: $0.strengths)
        }
        let model = AdaptedModel(
            layers: layers,
            elsewhere: elsewhere,
            names: checkpoint.version.adapterNames,
            translation: DiffusersNames.transformerLayer
        )
        return try withTorchErrors {
            try AppliedAdapters(files, on: model, device: job.device, activations: dtype)
        }
    }
}

extension Checkpoint {
    /// Names of the matrices of a part, told by its headers.
    fileprivate func linearPaths(_ component: Component) throws -> [String] {
        let weights = try weights(component)
        return weights.names.filter { $0.hasSuffix(".weight") && weights.shape(of: $0)?.count == 2 }
            .map { String($0.dropLast(".weight".count)) }
    }
}

extension ModelVersion {
    /// How adapter files call a layer.
    var adapterNames: AdapterFile.Names {
        { path in
            Pathway(path).isConnector
                ? TextConnectors.adapterNames(of: path, in: self) : AdapterFile.plainNames(path)
        }
    }
}

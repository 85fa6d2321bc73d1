import Adapters
public import ArgumentParser
import Foundation
public import LTXModel
import Media
public import RunConfig
public import Sampling
import Torch
import TrainingRun

/// Which model samples are made with, and how it is kept in memory.
struct SampleModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The model: a safetensors file, a folder, or org/repo.",
            valueName: "model"
        )
    )
    var checkpoint: String

    @Option(
        help: ArgumentHelp(
            "Where VAEs, connectors and vocoder come from, if elsewhere.",
            valueName: "model"
        )
    )
    var extras: String?

    @Option(help: ArgumentHelp("The text encoder, if elsewhere.", valueName: "model"))
    var textEncoder: String?

    @Option(help: "auto, cpu, cuda, cuda:1.")
    var device = "auto"

    @Option(help: "Type of weights and activations: bf16, fp16, fp32 (the CPU's default).")
    var dtype: ComputeDType?

    @Option(
        help: ArgumentHelp(
            "Keep transformer and text encoder as float8, int8, int4 or nf4.",
            valueName: "format"
        )
    )
    var quantize: String?

    @Option(
        help: ArgumentHelp(
            "Keep blocks in host memory: auto, or a share from 0 to 1.",
            valueName: "share"
        )
    )
    var offload: String?

    /// The device that is meant.
    func chosenDevice() throws -> Device { try Device(chosen: device) }

    /// The same as a section of a run file.
    func section(on device: Device) throws -> ModelSection {
        var model = ModelSection()
        model.nameOrPath = checkpoint
        model.extrasNameOrPath = extras
        model.teNameOrPath = textEncoder
        model.dtype = dtype ?? (device == .cpu ? .fp32 : .bf16)
        if let quantize {
            guard let format = Quantization(named: quantize) else {
                throw ValidationError(
                    "--quantize \(quantize): is no format, should be float8, int8, int4 or nf4"
                )
            }
            (model.quantize, model.quantizeTE) = (format, format)
        }
        try readOffloading(into: &model)
        return model
    }

    private func readOffloading(into model: inout ModelSection) throws {
        guard let offload else { return }
        guard offload != "auto" else { return model.layerOffloading = .auto }
        guard let share = Double(offload), (0...1).contains(share) else {
            throw ValidationError("--offload \(offload): should be auto, or a share from 0 to 1")
        }
        model.layerOffloading = .on
        model.layerOffloadingTransformerPercent = share
        model.layerOffloadingTextEncoderPercent = share
    }
}

extension ComputeDType: ExpressibleByArgument {}
extension SigmaSchedule.Kind: ExpressibleByArgument {}
extension SampleRequest.Output: ExpressibleByArgument {}

/// What samples shall be.
struct SampleLookOptions: ParsableArguments {
    @Option(name: [.long, .customLong("neg")], help: "What guidance leads away from.")
    var negative = ""

    @Option(help: "Width in pixels; floored to a multiple of 32.")
    var width = 512

    @Option(help: "Height in pixels; floored to a multiple of 32.")
    var height = 320

    @Option(help: "Pictures; floored to 8k + 1.")
    var frames = 81

    @Option(help: "Pictures per second, told to the model too.")
    var fps = 24.0

    @Option(help: "Denoising steps; without it those of the model's version.")
    var steps: Int?

    @Option(help: "Start of the noise.")
    var seed = 0

    @Flag(help: "Each prompt has its own seed: the first one's plus its place.")
    var walkSeed = false

    @Option(help: ArgumentHelp("Make movie, picture or sound alone.", valueName: "what"))
    var only: SampleRequest.Output?

    @Option(help: "Noise levels: official, diffusers, or distilled (eight steps, no guidance).")
    var schedule = SigmaSchedule.Kind.official

    @Option(name: [.customLong("cfg"), .long], help: "Classifier-free guidance of the picture.")
    var guidance: Double?

    @Option(name: [.customLong("audio-cfg"), .long], help: "The same of the sound.")
    var audioGuidance: Double?

    @Option(help: "Spatio-temporal guidance; 0 is none.")
    var stg: Double?

    @Option(help: "Guidance by the other modality; 1 is none.")
    var modalityGuidance: Double?

    @Option(help: "Share of the guided prediction brought back to its spread, 0 to 1.")
    var rescale: Double?

    @Option(help: ArgumentHelp("The clip begins with this picture.", valueName: "file"))
    var image: String?

    @Option(help: ArgumentHelp("The clip gets this sound, and pictures to it.", valueName: "file"))
    var sound: String?

    @Option(
        help: ArgumentHelp(
            "The clip keeps these pictures, and gets sound to them.",
            valueName: "file"
        )
    )
    var clip: String?

    /// The values as a preview of a run file has them, to apply the flags of prompts to.
    var defaults: SampleItem {
        var item = SampleItem()
        (item.width, item.height, item.numFrames) = (width / 32 * 32, height / 32 * 32, frames)
        item.numFrames = (frames - 1) / 8 * 8 + 1
        item.fps = fps
        item.neg = negative
        item.seed = seed
        item.ctrlImg = image
        return item
    }

    /// What is asked for, with the flags of the prompt.
    func request(_ item: SampleItem, flags: Set<String>) -> SampleRequest {
        var request = SampleRequest(prompt: item.prompt)
        request.negative = item.neg
        (request.width, request.height, request.frameCount) = (
            item.width, item.height, item.numFrames
        )
        request.fps = item.fps
        request.seed = UInt64(max(0, item.seed))
        request.steps = flags.isDisjoint(with: ["s", "steps"]) ? steps : item.sampleSteps
        request.schedule = schedule
        request.guidance.video =
            flags.isDisjoint(with: ["l", "cfg"]) ? guidance : item.guidanceScale
        request.guidance.audio = audioGuidance
        request.guidance.perturbation = stg
        request.guidance.modality = modalityGuidance
        request.guidance.rescale = item.guidanceRescale ?? rescale
        request.firstPicture = item.ctrlImg
        (request.givenSound, request.givenPictures) = (sound, clip)
        request.output = only ?? .movie
        return request
    }
}

extension Device {
    /// The device that an option `--device` means.
    ///
    /// - Throws: `ValidationError` for one that is not on this machine.
    init(chosen name: String) throws {
        guard name != "auto" else {
            self = Device.available.first ?? .cpu
            return
        }
        self = Device(name)
        guard isAvailable else {
            throw ValidationError(
                "--device \(name): is not on this machine; use one of "
                    + "\(Device.available.map(\.name).joined(separator: ", "))"
            )
        }
    }
}

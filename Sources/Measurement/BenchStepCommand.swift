import Adapters
public import ArgumentParser
import Foundation
import LTXModel
import Torch
import Training

/// `bench step`: time and memory of training steps with drawn weights.
public struct BenchStepCommand: ParsableCommand {
    /// Name, abstract and options.
    public static let configuration = CommandConfiguration(
        commandName: "step",
        abstract: "Measure training steps of a model with drawn weights; no file is needed.",
        discussion: """
            Shapes: \(StepShape.named.map(\.key).joined(separator: ", ")). The options change single sizes of the shape. \
            Times are seconds per step: median, fastest, slowest.
            """
    )

    @Option(help: "Which sizes to begin with.") var shape = "mini"
    @Option(help: "Number of blocks.") var layers: Int?
    @Option(help: "Heads of both streams; 32 and more are 128 wide (video) and 64 (audio).")
    var heads: Int?
    @Option(help: "Latent frames.") var frames: Int?
    @Option(help: "Latent rows.") var height: Int?
    @Option(help: "Latent columns.") var width: Int?
    @Option(help: "Audio latents; 0 for none.") var audio: Int?
    @Option(help: "Text tokens.") var text: Int?
    @Option(help: "Clips per step.") var batch = 1
    @Option(help: "Rank of the adapters.") var rank: Int?
    @Option(
        parsing: .upToNextOption,
        help: "Kinds of adapters, which take turns: lora, dora, lokr, loha, fullrank."
    )
    var adapter = ["lora"]
    @Option(help: "How the blocks' layers are kept: float8, int8, int4, nf4; else in dtype.")
    var qtype: String?
    @Option(help: "Blocks computed again: 1 all, 0 none, n every n-th.") var checkpointing = 1
    @Flag(help: "Keep the results of such blocks' parts (model.compile).") var compile = false
    @Option(
        parsing: .upToNextOption,
        help: "Shares of the blocks' bytes in host memory, 0 to 1, one run for each."
    )
    var offload: [Double] = [0]
    @Option(help: "Blocks in host memory that are on the device at a time.") var slots = 2
    @Option(help: "Element type: float32, bfloat16, float16.") var dtype: String?
    @Option(help: "Device, such as cpu or cuda:0.") var device = "cpu"
    @Option(help: "Steps that count.") var steps = 5
    @Option(help: "Steps before that.") var warmups = 1
    @Flag(help: "Also predict memory and time, as plan does; shown by --json.") var predict = false
    @Flag(help: "One line of JSON for each run.") var json = false
    @Flag(
        help: ArgumentHelp(
            "One step for each line that is read, answered by a line of JSON: so that programs can take turns.",
            visibility: .hidden
        )
    )
    var onRequest = false

    /// A command with default options.
    public init() {}

    /// Measures and prints.
    public func run() throws {
        guard !onRequest else { return try StepService(try oneShape()).run() }
        for share in offload {
            var sizes = try sizes()
            sizes.offloadedShare = share
            let shapes = try adapter.map { name in
                sizes.recipe.kind = try Self.kind(name)
                return sizes
            }
            let all = try StepBenchmark(shapes).run(steps: steps, warmups: warmups)
            for (shape, found) in zip(shapes, all) {
                var figures = found
                if predict {
                    figures.predictedBytes = try ActivationProbe(shape).bytes
                    figures.predictedSeconds = try StepTimeProbe(shape, steps: steps).seconds
                }
                let text = Self.text(figures, shape, beside: all[0])
                let line = json ? try Self.json(figures) : text
                FileHandle.standardOutput.write(Data((line + "\n").utf8))
            }
        }
    }

    private func oneShape() throws -> StepShape {
        var shape = try sizes()
        shape.offloadedShare = offload[0]
        shape.recipe.kind = try Self.kind(adapter[0])
        return shape
    }

    private func sizes() throws -> StepShape {
        guard var sizes = StepShape.named.first(where: { $0.key == shape })?.value else {
            throw ValidationError(
                "--shape \(shape): unknown, should be one of \(StepShape.named.map(\.key).joined(separator: ", "))"
            )
        }
        if layers != nil || heads != nil {
            sizes.config = .sized(
                blocks: layers ?? sizes.config.blockCount,
                heads: heads ?? sizes.config.video.heads
            )
        }
        sizes.grid.frames = frames ?? sizes.grid.frames
        sizes.grid.height = height ?? sizes.grid.height
        sizes.grid.width = width ?? sizes.grid.width
        sizes.audioCount = audio ?? sizes.audioCount
        sizes.textCount = text ?? sizes.textCount
        sizes.batchSize = batch
        sizes.recipe.rank = rank ?? sizes.recipe.rank
        sizes.quantization = try qtype.map { .transformer(try Self.format($0)) }
        sizes.checkpointing = checkpointing > 0 ? .every(checkpointing) : .none
        sizes.checkpointing.keepsResults = compile
        sizes.slotCount = slots
        if let dtype { sizes.dtype = try Self.type(dtype) }
        sizes.device = Device(device)
        guard sizes.device.isAvailable else {
            throw ValidationError(
                "--device \(device): is not here, should be one of \(Device.available.map(\.name).joined(separator: ", "))"
            )
        }
        return sizes
    }

    private static func kind(_ name: String) throws -> AdapterKind {
        guard let kind = AdapterKind(rawValue: name) else {
            let known = AdapterKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--adapter \(name): unknown, should be one of \(known)")
        }
        return kind
    }

    static func format(_ name: String) throws -> WeightFormat {
        guard let format = WeightFormat(rawValue: name) else {
            let known = WeightFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--qtype \(name): unknown, should be one of \(known)")
        }
        return format
    }

    private static func type(_ name: String) throws -> DType {
        switch name {
        case "float32", "fp32": return .float32
        case "bfloat16", "bf16": return .bfloat16
        case "float16", "fp16": return .float16
        default:
            throw ValidationError(
                "--dtype \(name): unknown, should be float32, bfloat16 or float16"
            )
        }
    }

    private static func json(_ figures: StepFigures) throws -> String {
        String(decoding: try JSONEncoder().encode(figures), as: UTF8.self)
    }

    private static func text(
        _ figures: StepFigures,
        _ sizes: StepShape,
        beside first: StepFigures
    ) -> String {
        let sorted = figures.seconds.sorted()
        let ratio = String(format: "%.3f", figures.ratio(to: first))
        let drift = figures.drift.map { String(format: ", last tenth %.3f of the first", $0) } ?? ""
        func seconds(_ value: Double?) -> String { String(format: "%.4f", value ?? 0) }
        func gigabytes(_ bytes: Int) -> String { String(format: "%.3f GB", Double(bytes) / 1e9) }
        return """
            \(sizes.config.blockCount) blocks, \(sizes.videoCount) video + \(sizes.audioCount) audio + \
            \(sizes.textCount) text tokens, \(sizes.recipe.kind) of rank \(sizes.recipe.rank), \(sizes.quantization.map { "\($0.format)" } ?? "\(sizes.dtype)"), \(sizes.device), \
            \(Int(sizes.offloadedShare * 100)) % in host memory
              step      \(seconds(figures.median)) s (\(seconds(sorted.first)) to \(seconds(sorted.last))), \(ratio) of the first kind's\(drift)
              device    \(gigabytes(figures.peakBytes)) at most, \(gigabytes(figures.residentBytes)) before the step
              host      \(gigabytes(figures.hostBytes)) of weights, \(gigabytes(figures.processBytes)) of the process
            """
    }
}

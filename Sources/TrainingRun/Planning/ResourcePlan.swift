import ClipCache
import ClipData
import Foundation
import LTXModel
import Measurement
import RunConfig
import Tokenizer
import Torch
import Training

/// What a run will take of device, host, disk and time.
///
/// Memory of the device is what tensors hold on it; on the CPU that is part of the process.
public struct ResourcePlan: Codable, Sendable {
    /// The device's name.
    public let deviceName: String
    /// Bytes of the device in all; nil where nobody tells.
    public let deviceSize: Int?
    /// Memory of the device while training, by part.
    public let device: [PlannedBytes]
    /// Memory of the process beside it, by part.
    public let host: [PlannedBytes]
    /// What is written, by part.
    public let disk: [PlannedBytes]
    /// Blocks that begin in host memory.
    public let offloadedBlocks: Int
    /// Blocks of the transformer.
    public let blockCount: Int
    /// Time of the steps.
    public let time: TimeEstimate

    /// Works it out; some seconds at most, a minute where steps are measured.
    ///
    /// - Returns: nil without the model.
    public init?(_ plan: RunPlan) throws {
        guard let shape = plan.largestStep else { return nil }
        let memory = try MemoryPlan(plan, shape)
        time = try TimeEstimate(plan, shape.config)
        // Measuring has loaded the libraries' kernels as training will.
        try withTorchErrors { Device.cpu.releaseCachedMemory() }
        let process = ProcessMemory.resident - Device.cpu.usedMemory
        deviceName = plan.device.name
        deviceSize = plan.deviceSize
        device = memory.device
        let isCPU = plan.device.kind == "cpu"
        host =
            [PlannedBytes(name: "program and libraries", bytes: process + Self.codecBytes)]
            + (memory.offloaded.count > 0
                ? [PlannedBytes(name: "blocks in host memory", bytes: memory.offloaded.bytes)] : [])
            + [PlannedBytes(name: "latents", bytes: min(plan.latentBytes, 2 << 30))]
            + (isCPU ? [] : [PlannedBytes(name: "captions", bytes: plan.contextBytes)])
            + (isCPU ? [PlannedBytes(name: "all of the device's", bytes: memory.device.total)] : [])
        disk = try plan.diskParts()
        offloadedBlocks = memory.offloaded.count
        blockCount = shape.config.blockCount
    }

    /// What decoding and encoding clips leave loaded in the process; measured, the same for all models.
    private static let codecBytes = 22 << 20

    /// For people: a line for each part.
    public var text: String {
        let size = deviceSize.map { " of \($0.inBytes)" } ?? ""
        let blocks =
            offloadedBlocks > 0
            ? ", \(offloadedBlocks) of \(blockCount) blocks in host memory" : ""
        return [
            Self.table("memory of \(deviceName)\(size)\(blocks)", device),
            Self.table("memory of the process", host),
            Self.table("disk", disk),
            "time: \(time.description)",
        ].joined(separator: "\n\n") + "\n"
    }

    private static func table(_ title: String, _ parts: [PlannedBytes]) -> String {
        let width = parts.map(\.name.count).max() ?? 0
        let lines = parts.map { part in
            "  " + part.name.padding(toLength: width + 2, withPad: " ", startingAt: 0)
                + part.bytes.inBytes
        }
        return ([title + ": \(parts.total.inBytes)"] + lines).joined(separator: "\n")
    }
}

extension RunPlan {
    /// Bytes of the device in all; nil where nobody tells.
    var deviceSize: Int? { device.size?.total ?? deviceBytes ?? DeviceMemory.bytes(of: device) }

    /// Bytes of all windows' latents in single precision.
    var latentBytes: Int {
        allItems.reduce(0) { $0 + $1.latentBytes(audioChannels: audioChannels) }
    }

    private var allItems: [PlannedItem] { clips.items + (heldOut?.items ?? []) }

    private var audioChannels: Int { transformer?.audio.channels ?? 128 }

    /// What will be on the disk at the end.
    func diskParts() throws -> [PlannedBytes] {
        let adapters = transformer.map { adapterSize($0).values } ?? 0
        let values = trainsWeights ? weightSizes?.values ?? 0 : adapters
        let written = trainsWeights ? weightSizes?.allValues ?? 0 : adapters
        let saved = written * DType(file.save.dtype).byteWidth
        let count =
            1
            + min(
                file.save.maxStepSavesToKeep,
                max(0, (file.train.steps - 1) / file.save.saveEvery)
            )
        let copies = file.save.split ? 2 : 1
        let best = heldOut != nil && file.train.keepBest ? 2 : 0
        let state = Int((Double(values) * (4 + optimizerBytesPerValue)).rounded())
        return [
            PlannedBytes(name: "cache of latents", bytes: cachedBytes),
            PlannedBytes(name: "cache of captions", bytes: try captionBytes()),
            PlannedBytes(
                name: trainsWeights ? "transformer files" : "adapter files",
                bytes: saved * (count * copies + best)
            ),
            // The new state is whole before the old one goes.
            PlannedBytes(name: "states to go on from", bytes: 2 * state),
        ] + statisticsBytes
    }

    /// What the layers read, for merges.
    private var statisticsBytes: [PlannedBytes] {
        guard file.save.mergeStatistics, let transformer else { return [] }
        let bytes = AdapterStatistics.rowCount * inputWidth(transformer) * DType.bfloat16.byteWidth
        return [PlannedBytes(name: "statistics for merging", bytes: bytes)]
    }

    /// Each window once, however often it is repeated.
    private var cachedBytes: Int {
        let keys = Dictionary(
            allItems.map { ($0.cache.folder + $0.cacheKey(encoderFingerprint: "").fileName, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        return keys.values.reduce(0) {
            $0 + $1.latentBytes(audioChannels: audioChannels) + Self.headerBytes + $1.originBytes
        }
    }

    /// About what the header of a cache file takes.
    private static let headerBytes = 550

    /// Features of every prompt, in bfloat16, for as many tokens as it has.
    private func captionBytes() throws -> Int {
        guard let extras = try models.openExtras() else { return 0 }
        let config = try extras.textConfiguration
        let width =
            config.hasOwnProjections ? config.video.width + config.audio.width : config.video.width
        let texts = prompts.all
        let lengths = try models.textEncoder.path.map { path in
            let encoder = try TextEncoderFolder(path: path)
            let tokenizer = try GemmaTokenizer(modelBytes: encoder.tokenizerModel(), place: path)
            return try texts.map { try tokenizer.encode($0).count }
        }
        return (lengths ?? texts.map { _ in 200 }).reduce(0) {
            $0 + 2 * $1 * width + Self.headerBytes
        }
    }
}

extension PlannedItem {
    /// About what an entry takes to say which window it is: a text with the time of every picture.
    var originBytes: Int { 400 + 21 * window.frameCount }

    /// Bytes of its latents in single precision.
    func latentBytes(audioChannels: Int) -> Int {
        let video = latentShape.reduce(1, *)
        let first = needsFirstFrame ? video / max(latentShape[1], 1) : 0
        return 4 * (video + first + (audio?.latentCount ?? 0) * audioChannels)
    }
}

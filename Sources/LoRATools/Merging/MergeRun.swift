import Adapters
import Foundation
import LTXModel
import Safetensors
import Torch

/// A merge that was checked and can be run: layer after layer, never a whole file or matrix in memory.
public struct MergeRun: Sendable {
    /// What was asked.
    public let request: MergeRequest
    let sources: MergeSources

    /// Opens the files and looks for everything that stands in the way.
    ///
    /// - Throws: `MergeRefusal` with all faults; `SafetensorsError` or `LoRAError` for a file that is no adapter.
    public init(_ request: MergeRequest) throws {
        self.request = request
        sources = try MergeSources(request)
    }

    /// Number of layers in the result.
    public var layerCount: Int { sources.layers.count }

    /// Layers in which more than one adapter takes part.
    public var sharedCount: Int { sources.layers.filter { $0.shares.count > 1 }.count }

    /// Bytes of the result's tensors.
    public var byteCount: Int {
        sources.layers.flatMap(\.entries).reduce(0) { $0 + $1.storedBytes }
    }

    /// Merges and writes; the file appears when it is complete, and not at all after an error.
    ///
    /// - Parameters:
    ///   - measuring: told how many layers were measured before the merge, and all; only where one way compares
    ///     more than one layer.
    ///   - progress: told the bytes written so far, and all.
    /// - Returns: what was done and measured.
    /// - Throws: `LoRAError` for values that are not finite, or do not fit; `CancellationError` once the task is
    ///   cancelled.
    public func run(
        measuring: (Int, Int) -> Void = { _, _ in },
        progress: (Int, Int) -> Void = { _, _ in }
    ) async throws -> MergeReport {
        let started = ContinuousClock.now
        let threads = LibTorch.threadCount
        async let digests = digests()
        let support = MergeSupport(
            measured: request.needsMeasuredInputs ? try await measuredInputs(digests) : nil,
            base: try base(),
            kroneckerRank: request.kroneckerRank,
            loudness: try await loudness(threads, measuring),
            output: request.output,
            threads: threads
        )
        var report = MergeReport(self)
        let metadata = MergeMetadata(self)
        let entries = sources.layers.flatMap(\.entries)
        let writer = try SafetensorsWriter(
            path: request.output,
            entries: entries,
            metadata: metadata.reserved
        )
        var (written, entry) = (0, 0)
        report.layers = try await results(support) { result in
            for tensor in result.tensors {
                try Task.checkCancellation()
                try writer.write(entries[entry].name, count: tensor.count, filling: tensor.fill)
                (written, entry) = (written + tensor.count, entry + 1)
            }
            progress(written, byteCount)
        }
        report.digests = try await digests
        report.seconds = started.duration(to: .now).seconds
        try writer.replaceMetadata(metadata.complete(report), filling: MergeMetadata.reserve)
        try Task.checkCancellation()
        try writer.finish()
        return report
    }

    // MARK: - Layers

    /// Works on some layers at a time and hands the results over in the layers' order.
    private func results(_ support: MergeSupport, _ take: (LayerResult) throws -> Void) async throws
        -> [LayerMeasures]
    {
        let layers = sources.layers
        let measured = measured
        return try await withThrowingTaskGroup(of: (Int, LayerResult).self) { group in
            var (begun, done) = (0, [LayerMeasures]())
            var waiting: [Int: LayerResult] = [:]
            func begin() {
                guard begun < layers.count else { return }
                let (index, layer) = (begun, layers[begun])
                let measures = measured(layer)
                group.addTask {
                    try Task.checkCancellation()
                    return (index, try layer.result(support, measures: measures))
                }
                begun += 1
            }
            for _ in 0..<max(1, request.threads) + 1 { begin() }
            while done.count < layers.count {
                guard let (index, result) = try await group.next() else { break }
                waiting[index] = result
                while let next = waiting.removeValue(forKey: done.count) {
                    try take(next)
                    done.append(next.measures)
                    // Small matrices of many sizes leave holes between them that would grow with the file.
                    if done.count.isMultiple(of: 64) { Device.cpu.releaseCachedMemory() }
                    begin()
                }
            }
            return done
        }
    }

    /// Whether a layer is measured where nothing changes it: all of them, or those of two blocks.
    private var measured: @Sendable (LayerMerge) -> Bool {
        guard !request.measuresAll else { return { _ in true } }
        let blocks = sources.layers.compactMap { $0.shares.first?.layer.block }.max() ?? 0
        let chosen = Set([blocks / 4, blocks * 3 / 4])
        return { layer in
            layer.shares.first?.layer.block.map(chosen.contains) ?? false
        }
    }

    // MARK: - What layers need

    private func digests() async throws -> [String] {
        try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for (number, source) in sources.files.enumerated() {
                group.addTask { (number, try await FileDigest.hexOnOwnThread(source.file)) }
            }
            var found = [String](repeating: "", count: sources.files.count)
            for try await (number, digest) in group { found[number] = digest }
            return found
        }
    }

    private func measuredInputs(_ digests: [String]) throws -> (any MeasuredInputs)? {
        if let path = request.calibration {
            return try Calibration(path: path, adapters: digests)
        }
        return try MergeStatistics(
            paths: request.statistics,
            adapters: request.inputs.map(\.path),
            digests: digests
        )
    }

    private func base() throws -> [FileWeights] {
        guard let path = request.base, sources.layers.contains(where: { $0.form == .magnitude })
        else { return [] }
        let checkpoint = try Checkpoint(path: path)
        return try [Checkpoint.Component.transformer, .connectors].filter(checkpoint.has)
            .map(checkpoint.weights)
    }
}

extension SafetensorsEntry {
    /// Bytes of the tensor.
    var storedBytes: Int { shape.reduce(dtype.bitWidth, *) / 8 }
}

extension Duration {
    /// As seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}

import Torch

extension MergeRun {
    /// Measures how loud the files are, where they are compared over more than one layer.
    ///
    /// Reads the factors once before the merge, some layers at a time, and makes of them two r × r products.
    ///
    /// - Parameters:
    ///   - threads: LibTorch's threads for one operation, as they were before.
    ///   - progress: told how many layers were measured, and all.
    /// - Returns: loudness by part of the model; empty where nothing is compared over more than one layer.
    /// - Throws: `LoRAError` for values that are not finite; `CancellationError` once the task is cancelled.
    func loudness(_ threads: Int, _ progress: (Int, Int) -> Void) async throws -> LoudnessTable {
        let layers = sources.layers.filter { $0.loudnessGroup != nil }
        var table = LoudnessTable()
        let norms = try await norms(of: layers, threads, progress)
        // In the layers' order, so that the sums do not depend on which was measured first.
        for (layer, norms) in zip(layers, norms) {
            table.add(norms, to: layer.loudnessGroup ?? "")
        }
        return table
    }

    private func norms(
        of layers: [LayerMerge],
        _ threads: Int,
        _ progress: (Int, Int) -> Void
    ) async throws -> [[Int: Double]] {
        try await withThrowingTaskGroup(of: (Int, [Int: Double]).self) { group in
            var (begun, done) = (0, 0)
            var found = [[Int: Double]](repeating: [:], count: layers.count)
            func begin() {
                guard begun < layers.count else { return }
                let (index, layer) = (begun, layers[begun])
                group.addTask {
                    try Task.checkCancellation()
                    return (index, try layer.norms(threads))
                }
                begun += 1
            }
            for _ in 0..<max(1, request.threads) { begin() }
            while let (index, norms) = try await group.next() {
                found[index] = norms
                done += 1
                progress(done, layers.count)
                begin()
            }
            return found
        }
    }
}

extension LayerMerge {
    /// The layers together with which this one is damped; nil where each is damped by itself, or not at all.
    var loudnessGroup: String? {
        guard let damp = method as? DampMethod, damp.granularity.spansLayers, damp.strength > 0,
            shares.count > 1
        else { return nil }
        return damp.granularity == .file ? "" : MergeModes.name(of: shares[0].layer.pathway)
    }

    /// How loud the adapters are over those layers.
    func loudness(in table: LoudnessTable?) -> Loudness? {
        loudnessGroup.flatMap { table?.loudness(of: shares.map(\.adapter), in: $0) }
    }

    /// `‖ΔW‖` by number of the adapter.
    fileprivate func norms(_ threads: Int) throws -> [Int: Double] {
        LibTorch.threadCount = 1
        defer { LibTorch.threadCount = threads }
        return try withoutGradients {
            var norms: [Int: Double] = [:]
            for share in shares { norms[share.adapter] = try LayerMeasure.norm(share.layer) }
            return norms
        }
    }
}

import Foundation

extension MergeSources {
    private static let ranks = [8, 16, 32]
    private static let samples = 12

    /// LoKrs that have no small rank, where none was chosen: refused with what some ranks would lose.
    ///
    /// Reads some layers of each such file.
    static func kroneckerFaults(
        _ files: [LoRAFile],
        _ layers: [LayerMerge],
        _ request: MergeRequest
    ) throws -> [LoRAError] {
        guard request.kroneckerRank == nil else { return [] }
        let shares = layers.filter { $0.form != .copy }.flatMap(\.shares)
        return try files.enumerated().compactMap { number, file in
            let whole = shares.filter { $0.adapter == number && $0.layer.isWholeKronecker }
            guard !whole.isEmpty else { return nil }
            return try fault(file, whole.map(\.layer))
        }
    }

    private static func fault(_ file: LoRAFile, _ layers: [LoRALayer]) throws -> LoRAError {
        let step = max(1, layers.count / samples)
        let measured = stride(from: 0, to: layers.count, by: step).map { layers[$0] }
        let losses = try measured.map { try $0.kroneckerLosses(ranks) }
        let shares = ranks.indices.map { rank in
            Truncation(losses.map { $0[rank] })?.share ?? 0
        }
        let told = zip(ranks, shares).map { "\($0) would lose \($1.percent)" }
            .joined(separator: ", ")
        let extent =
            measured.count < layers.count
            ? " (measured at \(measured.count) of the layers)" : ""
        return LoRAError(
            at: file.path,
            "has LoKrs whose second factor is whole at \(layers.count) layers, so they have no small rank: rank "
                + "\(told) of the change\(extent)",
            fix: "choose one with --lokr-rank (lokr_rank in a merge job), or pick one file there"
        )
    }
}

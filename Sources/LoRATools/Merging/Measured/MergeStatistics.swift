import Foundation
import Safetensors
import Torch

/// What the layers of each adapter read, from files that were written when their training ended.
///
/// A file holds for each distinct input rows `[≤ 64, in]`, bfloat16, named for the first layer that has it:
/// `Sᵀ S` is `Σ x xᵀ` on its strongest directions. With the A of all adapters that gives the `[R, R]` sums
/// that `likeness lora calibrate` measures outright.
struct MergeStatistics: MeasuredInputs {
    private enum Key {
        static let format = "format"
        static let adapter = "adapter"
        static let layers = "layers"
    }

    private static let format = "likeness.statistics.1"

    /// One adapter's.
    private struct Source {
        let file: SafetensorsFile
        let adapter: String
        let owners: [String: String]

        init(path: String) throws {
            file = try SafetensorsFile(path: path)
            let metadata = file.metadata
            guard metadata[Key.format] == MergeStatistics.format,
                let adapter = metadata[Key.adapter],
                let owners = metadata[Key.layers].flatMap({
                    try? JSONDecoder().decode([String: String].self, from: Data($0.utf8))
                })
            else {
                throw LoRAError(
                    at: path,
                    "holds no statistics for merging, should be written at the end of a training run",
                    fix: "check the path; a run writes one with save: {merge_statistics: true}"
                )
            }
            (self.adapter, self.owners) = (adapter, owners)
        }

        /// Rows `[≤ k, in]` of a layer; nil if it was not seen.
        func rows(of path: String) throws -> Tensor? {
            guard let owner = owners[path], file.info(owner) != nil else { return nil }
            return try Tensor(reading: owner, from: file).to(.float32)
        }
    }

    /// In the order of the adapters.
    private let sources: [Source]

    /// Opens files for adapters; which is for which, their SHA-256 tells.
    ///
    /// - Parameters:
    ///   - paths: a file for each adapter, in any order.
    ///   - adapters: the adapters' files, for messages.
    ///   - digests: SHA-256 of the adapters' files.
    /// - Throws: `LoRAError` for other files, for one of another adapter, and for an adapter without one.
    init(paths: [String], adapters: [String], digests: [String]) throws {
        let opened = try paths.map { try Source(path: $0) }
        if let stranger = opened.first(where: { !digests.contains($0.adapter) }) {
            throw LoRAError(
                at: stranger.file.path,
                "was measured with another adapter or another version of it (SHA-256 "
                    + "\(stranger.adapter.prefix(12))…), should be with one of \(LoRAError.shown(adapters))",
                fix:
                    "use the adapter file that the run wrote beside it, or run likeness lora calibrate"
            )
        }
        sources = try zip(adapters, digests).map { adapter, digest in
            guard let own = opened.first(where: { $0.adapter == digest }) else {
                throw LoRAError(
                    at: adapter,
                    "has no statistics for merging among \(LoRAError.shown(paths)), should have",
                    fix: "name its file too, or run likeness lora calibrate"
                )
            }
            return own
        }
    }

    /// `(A Sᵀ)(A Sᵀ)ᵀ` of each adapter.
    func statistics(
        of path: String,
        _ adapters: [Int],
        _ factors: [LowRankFactors]
    ) throws -> LayerStatistics? {
        guard adapters.count > 1 else { return nil }
        let down = Tensor.concatenate(factors.map { $0.down.to(.float32) }, axis: 0)
        let grams = try adapters.compactMap { number -> Tensor? in
            guard let rows = try sources[number].rows(of: path) else { return nil }
            guard rows.size(1) == down.size(1) else { throw misfit(number, path, rows, down) }
            let image = down.matmul(rows.transposed).to(.float64)  // [R, k]
            return image.matmul(image.transposed)
        }
        return grams.count == adapters.count ? LayerStatistics(adapters: grams) : nil
    }

    private func misfit(_ number: Int, _ path: String, _ rows: Tensor, _ down: Tensor) -> LoRAError
    {
        LoRAError(
            at: "\(sources[number].file.path), \(path)",
            "has rows of \(rows.size(1)) values, should be of \(down.size(1))",
            fix: "train again, or run likeness lora calibrate"
        )
    }

    /// What a file says of itself.
    ///
    /// - Parameters:
    ///   - adapter: the adapter's file.
    ///   - owners: for each layer the one whose rows are its own too.
    /// - Returns: the file's `__metadata__`.
    /// - Throws: what reading the adapter's file throws.
    static func metadata(adapter: String, owners: [String: String]) throws -> [String: String] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let layers = String(decoding: try encoder.encode(owners), as: UTF8.self)
        return [
            Key.format: format, Key.adapter: try FileDigest.hex(path: adapter), Key.layers: layers,
        ]
    }
}

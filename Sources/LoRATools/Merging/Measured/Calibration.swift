import Safetensors
import Torch

/// What layers were seen to read, in a file: made for the very adapters of a merge.
///
/// For each layer and adapter there is `<layer>.inputs.<number>` `[R, R]`, `Σ (A x)(A x)ᵀ` with the rows of A of
/// all adapters in the order of the file's list, and `<layer>.inputs.generic` of prompts that name no character.
public struct Calibration: MeasuredInputs {
    /// Keys of `__metadata__`.
    enum Key {
        static let format = "format"
        static let adapters = "adapters"
        static let ranks = "ranks"
    }

    static let format = "likeness.calibration.1"
    private let file: SafetensorsFile
    /// Places of the merge's adapters in the file's list.
    private let places: [Int]

    /// Opens a file for adapters with these SHA-256 sums, in any order.
    ///
    /// - Throws: `LoRAError` for other files, and for a calibration of other adapters.
    public init(path: String, adapters: [String]) throws {
        file = try SafetensorsFile(path: path)
        guard file.metadata[Key.format] == Self.format, let list = file.metadata[Key.adapters]
        else {
            throw LoRAError(
                at: path,
                "holds no measured inputs, should be written by likeness lora calibrate",
                fix: "check the path"
            )
        }
        let known = list.split(separator: " ").map(String.init)
        let places = adapters.map { known.firstIndex(of: $0) }
        guard known.count == adapters.count, places.allSatisfy({ $0 != nil }) else {
            throw LoRAError(
                at: path,
                "was measured with \(known.count) other files or other versions of them, should be with these",
                fix: "run likeness lora calibrate again"
            )
        }
        self.places = places.compactMap(\.self)
    }

    /// Statistics of a layer, for some of the adapters; nil if it was not measured.
    func statistics(
        of path: String,
        _ adapters: [Int],
        _ factors: [LowRankFactors]
    ) throws -> LayerStatistics? {
        guard adapters.count > 1, file.info(Self.name(path, "\(places[adapters[0]])")) != nil else {
            return nil
        }
        let layout = try Layout(file, path, places, adapters, factors.map(\.rank))
        let matrices = try adapters.map { try layout.matrix("\(places[$0])") }
        let hasGeneric = file.info(Self.name(path, "generic")) != nil
        return LayerStatistics(
            adapters: matrices,
            generic: hasGeneric ? try layout.matrix("generic") : nil
        )
    }

    static func name(_ path: String, _ part: String) -> String { "\(path).inputs.\(part)" }

    /// Which rows of a stored matrix are those of the merge, and in which order.
    private struct Layout {
        let file: SafetensorsFile
        let path: String
        let rows: Tensor

        init(
            _ file: SafetensorsFile,
            _ path: String,
            _ places: [Int],
            _ adapters: [Int],
            _ ranks: [Int]
        ) throws {
            (self.file, self.path) = (file, path)
            let stored = try Tensor(reading: Calibration.name(path, Key.ranks), from: file)
                .integers()
            let wanted = adapters.map { places[$0] }
            guard wanted.allSatisfy(stored.indices.contains), wanted.map({ stored[$0] }) == ranks
            else {
                throw LoRAError(
                    at: "\(file.path), \(path)",
                    "was measured with the ranks \(stored), the files have \(ranks)",
                    fix: "run likeness lora calibrate again"
                )
            }
            let starts = stored.indices.map { stored[..<$0].reduce(0, +) }
            rows = Tensor(wanted.flatMap { Array(starts[$0]..<starts[$0] + stored[$0]) })
        }

        func matrix(_ part: String) throws -> Tensor {
            let stored = try Tensor(reading: Calibration.name(path, part), from: file)
            return stored.to(.float64).gather(0, rows).gather(1, rows)
        }
    }
}

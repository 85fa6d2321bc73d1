import Adapters
import Foundation

extension MergeRequest {
    /// Where a calibration lies unless somebody says otherwise: beside the merged file.
    public static func calibrationPlace(for output: String) -> String {
        stem(of: output) + ".calibration.safetensors"
    }

    /// Where a run leaves an adapter's statistics: beside the adapter.
    public static func statisticsPlace(for adapter: String) -> String {
        stem(of: adapter) + ".statistics.safetensors"
    }

    /// Looks for what layers were seen to read where a way needs it and nothing is named: a calibration beside
    /// the result first, then statistics beside each of the files.
    ///
    /// - Returns: what is taken, or is named in vain; nil where there is nothing to say.
    public mutating func findMeasuredInputs() -> String? {
        let named = [calibration].compactMap(\.self) + statistics
        guard needsMeasuredInputs else {
            guard !named.isEmpty else { return nil }
            return "\(named.joined(separator: ", ")): not used, no way is calibrated"
        }
        if named.isEmpty { takeWhatIsThere() }
        return measuredInputs.map { "calibrated by \($0)" }
    }

    private mutating func takeWhatIsThere() {
        let manager = FileManager.default
        let place = Self.calibrationPlace(for: output)
        guard !manager.fileExists(atPath: place) else {
            calibration = place
            return
        }
        let places = inputs.map { Self.statisticsPlace(for: $0.path) }
        if places.allSatisfy(manager.fileExists(atPath:)) { statistics = places }
    }

    /// Whether any way goes by what layers were seen to read.
    var needsMeasuredInputs: Bool { modes.all.contains { $0.kind == .calibrated } }

    /// The files that it is known from, in words; nil if there are none.
    var measuredInputs: String? {
        if let calibration { return calibration }
        return statistics.isEmpty ? nil : statistics.joined(separator: ", ")
    }

    /// What is wrong with what layers were seen to read.
    var measuredFaults: [LoRAError] {
        guard needsMeasuredInputs else { return [] }
        if calibration != nil, !statistics.isEmpty {
            return [
                LoRAError(
                    at: "calibrated",
                    "has a calibration and statistics, should have one of them",
                    fix: "leave one out"
                )
            ]
        }
        guard measuredInputs == nil else { return [] }
        let missing = inputs.map { Self.statisticsPlace(for: $0.path) }
            .filter { !FileManager.default.fileExists(atPath: $0) }
        return [
            LoRAError(
                at: "calibrated",
                "has no measured inputs, neither \(Self.calibrationPlace(for: output)) nor "
                    + "\(LoRAError.shown(missing)) is there",
                fix: "run \(calibrateCommand)"
            )
        ]
    }

    private static func stem(of path: String) -> String {
        (path as NSString).deletingPathExtension
    }
}

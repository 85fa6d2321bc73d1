import Foundation
import LoRATools
public import RunFiles

extension RunFolder {
    /// What the layers of the finished run's adapter read, for merges.
    public var statistics: String { MergeRequest.statisticsPlace(for: adapter) }

    /// Step adapters that are there, oldest first: `name_` and nine digits, nothing else.
    func stepAdapters() -> [(step: Int, path: String)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.compactMap { file -> (Int, String)? in
            guard file.hasPrefix(name + "_"), file.hasSuffix(".safetensors") else { return nil }
            let digits = file.dropFirst(name.count + 1).dropLast(".safetensors".count)
            guard digits.count == 9, let step = Int(digits) else { return nil }
            return (step, "\(path)/\(file)")
        }.sorted { $0.0 < $1.0 }
    }

    /// Deletes all but the newest step adapters; 0 keeps all.
    func removeOldAdapters(keeping count: Int) throws {
        guard count > 0 else { return }
        for (_, path) in stepAdapters().dropLast(count) {
            try removeSplitFiles(of: path)
            try FileManager.default.removeItem(atPath: path)
        }
    }
}

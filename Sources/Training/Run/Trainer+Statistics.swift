import Foundation
import RunFiles

/// What the adapter's layers read, once adapter and state are on the disk: the run is the same without it.
extension Trainer {
    func keepStatistics(of adapter: String, _ stop: StopRequest) throws {
        // One of an earlier run would be for another adapter.
        if FileManager.default.fileExists(atPath: folder.statistics) {
            try FileManager.default.removeItem(atPath: folder.statistics)
        }
        guard let statistics else { return }
        let isWritten = try withRelief {
            try withAverages {
                try statistics.write(to: folder.statistics, adapter: adapter) { stop.isAsked }
            }
        }
        tell(
            .notice(
                isWritten
                    ? "statistics for merging: \(folder.statistics)"
                    : "no statistics for merging: the run was stopped while measuring them; "
                        + "likeness lora calibrate does without"
            )
        )
    }
}

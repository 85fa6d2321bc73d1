import Torch

/// Collects what came out of comparing one recording.
final class Comparison {
    let recording: RecordedFile
    let device: Device
    private(set) var lines: [VerificationReport.Line] = []

    init(_ recording: RecordedFile, device: Device) {
        self.recording = recording
        self.device = device
    }

    /// An input of the recorded component, on the device.
    func input(_ name: String, axes: Int) throws -> Tensor {
        try recording.tensor(name, axes: axes, on: device)
    }

    /// Compares a result with the recorded tensor of a name.
    func compare(_ name: String, _ result: Tensor) throws {
        try compare(name, parts: [(result, { $0 })])
    }

    /// Compares results with parts of one recorded tensor; the worst of them counts.
    func compare(_ name: String, parts: [(result: Tensor, of: (Tensor) -> Tensor)]) throws {
        let whole = try withTorchErrors { try recording.result(name) }
        let errors = try withTorchErrors {
            parts.map { $0.result.relativeDifference(from: $0.of(whole)) }
        }
        // A difference that is no number must not look small.
        let worst = errors.contains { $0.isNaN } ? .nan : errors.max() ?? .nan
        add(name, error: worst, tolerance: recording.tolerance(name))
    }

    func add(_ name: String, error: Double, tolerance: Double) {
        lines.append(
            VerificationReport.Line(
                tensor: name,
                error: error,
                tolerance: tolerance,
                status: error <= tolerance ? .passed : .failed
            )
        )
    }

    /// Says of every recorded result that nothing was compared with yet why that is so.
    func skipRest(_ reason: (String) -> String) {
        let done = Set(lines.map(\.tensor))
        for name in recording.outputs where !done.contains(name) {
            lines.append(
                VerificationReport.Line(
                    tensor: name,
                    error: nil,
                    tolerance: recording.tolerance(name),
                    status: .skipped(reason(name))
                )
            )
        }
    }
}

import Safetensors
import Testing
import Torch

@testable import Verification

/// Every input of a recording in turn is bent out of shape.
@Suite("Damaged recordings") struct DamagedRecordingTests {
    private let unused: Set = ["in.timestep.t2v", "in.video_keyframes_mask"]

    @Test(
        "nothing that a file holds ends the program, and no number becomes a pass",
        arguments: [
            ("ltx23_single", "ltx23_transformer_io"), ("ltx23_single", "ltx23_connectors_io"),
            ("ltx20_single", "ltx20_audio_vae_io"), ("gemma3", "gemma3_io"),
        ]
    )
    func bent(checkpoint: String, recording: String) throws {
        let folder = try ScratchFolder()
        let weights = Recordings.path(checkpoint + ".safetensors")
        func passes(_ name: String, _ change: (Tensor) -> Tensor?) throws -> Bool? {
            let path = try folder.changing(name, of: recording, change)
            return try? VerificationReport(checkpoint: weights, recording: path).hasPassed
        }
        let names = try SafetensorsFile(path: Recordings.path(recording + ".safetensors")).names
        for name in names where name.hasPrefix("in.") || name.hasPrefix("coords.") {
            #expect(
                try passes(name) { $0 * Double.nan } != true || unused.contains(name),
                "\(name)"
            )
            // These are refused; what nothing needs may pass.
            _ = try passes(name) { $0.reshape(-1) }
            _ = try passes(name) { $0.to(.float64) * -1e30 }
        }
    }
}

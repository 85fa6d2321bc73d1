import Foundation
import LTXModel
import Safetensors
import Testing
import Torch

@testable import Verification

/// Files that cannot be compared: never a crash, always what to do.
@Suite("Verification of foreign files") struct ForeignFileTests {
    private func message(_ checkpoint: String?, _ recording: String) -> String {
        do {
            _ = try VerificationReport(checkpoint: checkpoint, recording: recording)
            return "nothing was refused"
        } catch {
            return "\(error)"
        }
    }

    @Test("a file that is no recording is refused")
    func noRecording() {
        let path = Recordings.path("gemma3.safetensors")
        #expect(
            message(nil, path).hasPrefix(
                "\(path): holds language_model.model.embed_tokens.weight, "
            )
        )
        #expect(
            message(nil, path).hasSuffix(
                "should hold the inputs and outputs of a component (in.*, out.*); "
                    + "use a file that tools/record-fixtures wrote"
            )
        )
    }

    @Test("a recording of a component with weights needs a checkpoint")
    func noCheckpoint() {
        let path = Recordings.path("ltx20_transformer_io.safetensors")
        #expect(
            message(nil, path)
                == "\(path): is a recording of the transformer, should come with its weights; name them with --checkpoint"
        )
    }

    @Test("a file that is no safetensors file is refused by its reader")
    func noSafetensors() throws {
        let folder = try ScratchFolder()
        let path = folder.path + "/text.safetensors"
        try Data("no recording at all".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: SafetensorsError.self) {
            try VerificationReport(checkpoint: nil, recording: path)
        }
        #expect(throws: SafetensorsError.self) {
            try VerificationReport(checkpoint: nil, recording: path + ".missing")
        }
    }

    @Test("weights of another version do not fit a recording")
    func otherVersion() {
        let recording = Recordings.path("ltx20_connectors_io.safetensors")
        let found = message(Recordings.path("gemma3.safetensors"), recording)
        #expect(
            found.contains("holds no LTX-2 transformer")
                || found.contains("transformer: is missing")
        )
    }

    @Test("inputs of another shape are named")
    func otherShape() throws {
        let folder = try ScratchFolder()
        let name = "in.hidden_states"
        let flat = try folder.changing(name, of: "ltx20_transformer_io") { $0.reshape(-1) }
        #expect(
            message(Recordings.path("ltx20_single.safetensors"), flat)
                == "\(flat): in.hidden_states is [144], should have 3 axes; record it again"
        )

        let wide = try folder.changing(name, of: "ltx20_transformer_io") {
            Tensor.concatenate([$0, $0], axis: 2)
        }
        let found = message(Recordings.path("ltx20_single.safetensors"), wide)
        #expect(found.hasPrefix("linear([2, 18, 8], [32, 4]"), "\(found)")
    }

    @Test("coordinates that are no grid are refused")
    func noGrid() throws {
        let folder = try ScratchFolder()
        let path = try folder.changing("coords.video", of: "ltx20_transformer_io") { $0 * 0 }
        #expect(
            message(Recordings.path("ltx20_single.safetensors"), path)
                == "\(path): coords.video are no grid of 18 tokens, should have three axes with starts and ends; record it again"
        )
    }

    @Test("a missing input is named")
    func missingInput() throws {
        let folder = try ScratchFolder()
        let path = try folder.changing("in.encoder_hidden_states", of: "ltx20_transformer_io") {
            _ in nil
        }
        #expect(
            message(Recordings.path("ltx20_single.safetensors"), path)
                == "\(path): lacks in.encoder_hidden_states, which the other tensors need; record it again"
        )
    }
}

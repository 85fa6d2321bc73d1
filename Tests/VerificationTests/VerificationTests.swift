import Foundation
import Safetensors
import Testing
import Torch

@testable import Verification

/// What `likeness verify` compares, and what it says.
@Suite("Verification") struct VerificationTests {
    @Test("all recordings of the program agree with the model")
    func builtIn() throws {
        let report = try VerificationReport.builtIn()
        let passed = report.hasPassed
        #expect(passed, "\(report.text(everyTensor: false))")
        #expect(report.count(.passed) == 248)
        let empty = report.sections.filter { $0.lines.isEmpty }
        #expect(empty.map(\.recording) == [])
    }

    @Test("every recorded result has a line, and what cannot be computed says why")
    func everyResult() throws {
        let path = Recordings.path("ltx20_vae_io.safetensors")
        let report = try VerificationReport(
            checkpoint: Recordings.path("ltx20_single.safetensors"),
            recording: path
        )
        let lines = try #require(report.sections.first).lines
        #expect(lines.map(\.tensor) == (try RecordedFile(path: path)).outputs)
        let decoded = lines.filter { $0.tensor.hasPrefix("dec.") }
        #expect(decoded.count == 2)
        #expect(decoded.allSatisfy { $0.status == .skipped("no decoder yet") && $0.error == nil })
    }

    @Test("both layouts of a checkpoint agree with a recording", arguments: ["20", "23"])
    func layouts(version: String) throws {
        for part in ["transformer", "connectors", "vae", "audio_vae"] {
            let report = try VerificationReport(
                checkpoint: Recordings.path("ltx\(version)_diffusers"),
                recording: Recordings.path("ltx\(version)_\(part)_io.safetensors")
            )
            let passed = report.hasPassed
            #expect(passed, "\(report.text(everyTensor: false))")
        }
    }

    @Test("a changed weight makes the results that depend on it fail, by name")
    func changedWeight() throws {
        let name = "model.diffusion_model.transformer_blocks.1.audio_to_video_attn.to_v.weight"
        let folder = try ScratchFolder()
        let changed = try folder.changing(name, of: "ltx23_single") { $0 * 1.01 }
        let report = try VerificationReport(
            checkpoint: changed,
            recording: Recordings.path("ltx23_transformer_io.safetensors")
        )
        #expect(!report.hasPassed)
        let failed = try #require(report.sections.first).lines.filter { $0.status == .failed }
        let names = Set(failed.map(\.tensor))
        #expect(names.isSuperset(of: ["out.t2v.video", "train.loss.video"]))
        // Without the attentions between the streams the weight has no part in the result.
        #expect(
            names.isDisjoint(with: ["out.isolated.video", "out.isolated.audio", "rope.video.cos"])
        )
        #expect(report.text(everyTensor: false).contains("FAILED"))
    }

    @Test("gradients by every weight of the model are compared")
    func gradients() throws {
        let report = try VerificationReport(
            checkpoint: Recordings.path("ltx20_single.safetensors"),
            recording: Recordings.path("ltx20_transformer_io.safetensors")
        )
        let lines = try #require(report.sections.first).lines
        #expect(lines.filter { $0.tensor.hasPrefix("grad.") }.count > 15)
        let norms = try #require(lines.first { $0.tensor == "grad_norms" })
        #expect(norms.status == .passed)
    }

    @Test("tolerances come from the manifest, and without one from the kind of tensor")
    func tolerances() throws {
        let listed = try RecordedFile(path: Recordings.path("ltx23_connectors_io.safetensors"))
        #expect(listed.tolerance("out.mask") == 0)
        #expect(listed.tolerance("out.video") == 1e-5)

        let folder = try ScratchFolder()
        let copy = try folder.copy("ltx23_transformer_io")
        let alone = try RecordedFile(path: copy)
        #expect(alone.tolerance("coords.video") == 0)
        #expect(alone.tolerance("rope.audio.sin") == 1e-6)
        #expect(alone.tolerance("adaln.3.7.mod") == 1e-5)
        #expect(alone.tolerance("out.t2v.video") == 1e-4)
        #expect(alone.tolerance("train.loss.video") == 1e-4)
        #expect(alone.tolerance("grad.proj_out.weight") == 1e-3)
    }

    @Test("the report has a line per tensor, or one per recording, and the totals")
    func text() {
        let report = VerificationReport(sections: [
            VerificationReport.Section(
                recording: "some_io",
                component: "video VAE",
                lines: [
                    .init(tensor: "enc.mean", error: 2e-7, tolerance: 1e-4, status: .passed),
                    .init(tensor: "enc.other", error: 3e-3, tolerance: 1e-4, status: .failed),
                    .init(
                        tensor: "dec.video",
                        error: nil,
                        tolerance: 1e-4,
                        status: .skipped("no decoder yet")
                    ),
                ]
            )
        ])
        #expect(
            report.text(everyTensor: false) == """
                some_io (video VAE): 1 of 2 agree, worst 3.0e-03 at enc.other; 1 skipped (no decoder yet)
                  enc.other                     3.0e-03  of 1.0e-04  FAILED
                1 passed, 1 failed, 1 skipped
                """
        )
        #expect(
            report.text(everyTensor: true) == """
                some_io (video VAE): 1 of 2 agree, worst 3.0e-03 at enc.other; 1 skipped (no decoder yet)
                  enc.mean                      2.0e-07  of 1.0e-04  passed
                  enc.other                     3.0e-03  of 1.0e-04  FAILED
                  dec.video                     skipped: no decoder yet
                1 passed, 1 failed, 1 skipped
                """
        )
        #expect(!report.hasPassed)
    }

    @Test("a report that compared nothing has not passed")
    func nothingCompared() throws {
        let report = try VerificationReport(
            checkpoint: nil,
            recording: Recordings.path("ltx23_vocoder_io.safetensors")
        )
        #expect(!report.hasPassed)
        #expect(report.count(.skipped("no vocoder yet")) > 0)
    }

    @Test("a difference that is no number fails")
    func notANumber() throws {
        let folder = try ScratchFolder()
        let name = "model.diffusion_model.proj_out.weight"
        let changed = try folder.changing(name, of: "ltx20_single") { $0 * Double.nan }
        let report = try VerificationReport(
            checkpoint: changed,
            recording: Recordings.path("ltx20_transformer_io.safetensors")
        )
        let line = report.sections.first?.lines.first { $0.tensor == "out.t2v.video" }
        #expect(line?.status == .failed)
    }
}

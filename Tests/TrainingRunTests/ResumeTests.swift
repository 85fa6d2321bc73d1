import Foundation
import RunConfig
import RunFiles
import Testing
import Training
import TrainingRun

/// Runs that go on.
@Suite("Resumed runs", .serialized) struct ResumeTests {
    private static let train = [
        "batch_size: 2", "gradient_accumulation: 2", "auto_balance_audio_loss: true",
    ]
    private static let dataset = ["do_audio: true", "caption_dropout_rate: 0.5"]
    private static let lora = "type: lora, linear: 4, linear_alpha: 4"
    private static let networks = [
        lora, "type: dora, linear: 4", "type: lokr", "type: lokr, lokr_full_rank: false, linear: 2",
        "type: loha, linear: 4", "type: fullrank",
        "type: lora, linear: 4, network_kwargs: {full_if_contains: [to_gate_logits]}",
    ]

    private func file(_ scene: RunScene, steps: Int, network: String = lora) throws -> RunFile {
        try scene.runFile(
            steps,
            train: Self.train,
            dataset: Self.dataset,
            network: "{\(network), rank_dropout: 0.1}"
        )
    }

    @Test(
        "ten steps are five and five, bit for bit, for every kind of adapter",
        arguments: networks
    )
    func tenIsFiveAndFive(network: String) async throws {
        let whole = try RunScene()
        try whole.addClips(3)
        let result = try await whole.train(file(whole, steps: 10, network: network))

        let parts = try RunScene()
        try parts.addClips(3)
        try await parts.train(file(parts, steps: 5, network: network))
        let resumed = try await parts.train(
            file(parts, steps: 10, network: network),
            resume: .latest
        )

        #expect(try whole.losses() == parts.losses())
        #expect(
            RunScene.tensors(whole.bytes(result.adapter))
                == RunScene.tensors(parts.bytes(resumed.adapter))
        )
    }

    @Test("a run that was stopped in the middle ends as if it had not been")
    func stopped() async throws {
        let whole = try RunScene()
        try whole.addClips(3)
        try await whole.train(file(whole, steps: 7))

        let parts = try RunScene()
        try parts.addClips(3)
        let stop = StopRequest()
        let first = try await parts.train(
            file(parts, steps: 7),
            stop: stop,
            listeners: [StopAfter(3, stop)]
        )
        #expect(first.wasStopped && first.step == 3)
        try await parts.train(file(parts, steps: 7), resume: .latest)
        #expect(try whole.losses() == parts.losses())
    }

    @Test("a run that was begun or is done is not trained over")
    func refusals() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        try await scene.train(scene.runFile(2))
        let begun = await #expect(throws: RunStateError.self) {
            try await scene.train(scene.runFile(2))
        }
        #expect(begun == .alreadyBegun(scene.folder + "/out/run", step: 2))
        let done = await #expect(throws: RunStateError.self) {
            try await scene.train(scene.runFile(2), resume: .latest)
        }
        #expect(done == .alreadyDone(scene.folder + "/out/run/state/latest", step: 2))
        let other = await #expect(throws: RunStateError.self) {
            let wider = try scene.runFile(4, network: "{type: lora, linear: 8, linear_alpha: 8}")
            return try await scene.train(wider, resume: .latest)
        }
        #expect("\(other.map { "\($0)" } ?? "")".contains("its network is 68 layers"))
    }

    @Test("a training folder that cannot be made is a sentence with what to do")
    func unwritable() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        _ = FileManager.default.createFile(atPath: scene.folder + "/out", contents: Data())
        let error = await #expect(throws: RunStateError.self) {
            try await scene.train(scene.runFile(2))
        }
        #expect(
            "\(error.map { "\($0)" } ?? "")".contains(
                "free some space or choose another training_folder"
            )
        )
    }
}

import Adapters
import Foundation
import LTXModel
import Safetensors
import Testing
import Torch
import Training
import TrainingRun

/// The Python environment of the recorder, where somebody made it.
enum ReferenceReader {
    static let tools =
        (#filePath as NSString).deletingLastPathComponent + "/../../tools/record-fixtures"

    static let python: String? = {
        guard let path = try? output("/bin/bash", [tools + "/make-environment.sh", "--path"]).text
        else { return nil }
        let trimmed = path.trimmingCharacters(in: .whitespacesAndNewlines)
        return FileManager.default.isExecutableFile(atPath: trimmed) ? trimmed : nil
    }()

    static func output(_ program: String, _ arguments: [String]) throws -> (
        status: Int32, text: String
    ) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    /// The same without blocking a thread that other tests need.
    static func answer(
        _ program: String,
        _ arguments: [String]
    ) async throws -> (status: Int32, text: String) {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result { try output(program, arguments) }) }.start()
        }
    }
}

/// Adapters that this program trained, read and run by diffusers.
@Suite("Adapters in diffusers", .serialized) struct DiffusersReaderTests {
    @Test(
        "diffusers reads our adapter and computes what we compute",
        .enabled(
            if: ReferenceReader.python != nil,
            "needs the recorder's Python environment: tools/record-fixtures/make-environment.sh"
        ),
        arguments: [
            (ModelVersion.ltx20, CrossModulation.own, AdapterKind.lora), (.ltx20, .cross, .lora),
            (.ltx23, .own, .lora), (.ltx23, .cross, .lora), (.ltx23, .own, .dora),
        ]
    )
    func agrees(version: ModelVersion, modulation: CrossModulation, kind: AdapterKind) async throws
    {
        let scene = try RunScene(version: version)
        try scene.addClips(1)
        let network = "{type: \(kind.rawValue), linear: 4}"
        let result = try await scene.train(scene.runFile(8, network: network))
        let checkpoint = scene.folder + "/model/checkpoint.safetensors"
        let recording = scene.folder + "/io.safetensors"
        try record(checkpoint, adapter: result.adapter, kind, modulation, to: recording)

        let (status, text) = try await ReferenceReader.answer(
            try #require(ReferenceReader.python),
            [ReferenceReader.tools + "/check_adapter.py", result.adapter, checkpoint, recording]
                + (modulation == .cross ? ["--cross-timestep"] : [])
        )
        let values = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let answer = values?.compactMapValues { ($0 as? NSNumber)?.doubleValue } ?? [:]
        #expect(status == 0, "\(text)")
        #expect(answer["modules"] == (version == .ltx20 ? 56 : 68))
        #expect(answer["video_error"] ?? 1 < 1e-4 && answer["audio_error"] ?? 1 < 1e-4)
        #expect(answer["video_effect"] ?? 0 > 1e-3 && answer["audio_effect"] ?? 0 > 1e-3)
    }

    /// Runs the adapted model on random inputs and keeps inputs and outputs.
    private func record(
        _ checkpoint: String,
        adapter: String,
        _ kind: AdapterKind,
        _ modulation: CrossModulation,
        to path: String
    ) throws {
        let model = try Checkpoint(path: checkpoint).transformer(dtype: .float32, device: .cpu)
        let random = try RandomGenerator(seed: 5)
        try withTorchErrors {
            var recipe = AdapterRecipe()
            recipe.kind = kind
            let network = try AdapterNetwork(layers: model.blockLinears, rules: AdapterRules()) {
                recipe.adapter(for: $0, random: random, device: .cpu, activations: .float32)
            }
            try AdapterFile.load(SafetensorsFile(path: adapter), into: network)
            let config = model.config
            let text = (
                config.captionWidth ?? config.video.width, config.captionWidth ?? config.audio.width
            )
            let inputs = [
                ("hidden_states", random.normal([1, 12, config.video.channels])),
                ("audio_hidden_states", random.normal([1, 6, config.audio.channels])),
                ("encoder_hidden_states", random.normal([1, 9, text.0])),
                ("audio_encoder_hidden_states", random.normal([1, 9, text.1])),
            ]
            let (sigma, audioSigma) = (Tensor([0.7] as [Float]), Tensor([0.4] as [Float]))
            var input = TransformerInput(
                video: ModalityInput(latent: inputs[0].1, sigma: sigma, text: inputs[2].1),
                audio: ModalityInput(latent: inputs[1].1, sigma: audioSigma, text: inputs[3].1),
                grid: VideoGrid(frames: 3, height: 2, width: 2, fps: 24)
            )
            input.crossModulation = modulation
            let output = withoutGradients { model(input) }
            let tensors =
                inputs.map { (name: "in." + $0.0, tensor: $0.1) } + [
                    (name: "in.timestep", tensor: Tensor([700] as [Float])),
                    (name: "in.sigma", tensor: Tensor([700] as [Float])),
                    (name: "in.audio_timestep", tensor: Tensor([400] as [Float])),
                    (name: "in.audio_sigma", tensor: Tensor([400] as [Float])),
                    (name: "in.grid", tensor: Tensor([3, 2, 2])),
                    (name: "out.video", tensor: try #require(output.video)),
                    (name: "out.audio", tensor: try #require(output.audio)),
                ]
            try TensorFile(tensors).write(to: path)
        }
    }
}

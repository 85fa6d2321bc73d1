import RunConfig
import Testing

/// One word that stands for many keys.
@Suite("Presets") struct PresetTests {
    private func run(
        _ preset: String,
        change: (inout RunFileText) -> Void = { _ in }
    ) throws -> RunFile {
        var text = RunFileText()
        text.process.append("preset: \(preset)")
        text.network = []
        text.train = []
        change(&text)
        return try text.parse()
    }

    @Test("face+voice trains all pathways, the sound more carefully, and insists on sound")
    func faceAndVoice() throws {
        let file = try run("face+voice")
        let network = try #require(file.network)
        #expect(network.type == .lora && network.linear == 32 && network.audioLinear == 16)
        #expect(network.pathways == AdapterPathway.allCases && network.rankDropout == 0.1)
        #expect(network.scale == 1)
        #expect(file.train.lr == 1e-4 && file.train.audioLR == 5e-5 && file.train.steps == 2000)
        #expect(file.train.audioBalance == .lossAverage && file.train.strictAudioMode == true)
        #expect(file.datasets[0].doAudio && file.datasets[0].captionDropoutRate == 0.05)
        #expect(file.diagnostics.isEmpty)
    }

    @Test("voice leaves what writes the picture alone")
    func voice() throws {
        let file = try run("voice")
        #expect(file.network?.pathways == [.audio, .videoToAudio])
        #expect(file.train.videoLossMultiplier == 0 && file.train.steps == 1500)
        #expect(file.train.audioBalance == .fixed && file.train.strictAudioMode == true)
        #expect(file.network?.audioLinear == nil && file.train.audioLR == nil)
    }

    @Test("face hears nothing")
    func face() throws {
        let file = try run("face")
        #expect(file.network?.pathways == [.video])
        #expect(!file.datasets[0].doAudio && file.train.voicePreservation?.isOn == false)
        #expect(file.train.strictAudioMode == nil)
    }

    @Test("every value can be overridden, and the file says what was the preset's")
    func overridden() throws {
        let file = try run("face+voice") {
            $0.network = ["linear: 8", "audio_linear: 4"]
            $0.train = ["lr: 2e-4", "strict_audio_mode: false"]
        }
        #expect(file.network?.linear == 8 && file.network?.audioLinear == 4)
        #expect(file.train.lr == 2e-4 && file.train.strictAudioMode == false)
        #expect(file.train.audioLR == 5e-5)
        let overridden = Set(file.presetValues.filter(\.isOverridden).map(\.path))
        #expect(
            overridden == [
                "network.linear", "network.audio_linear", "train.lr", "train.strict_audio_mode",
            ]
        )
        let steps = file.presetValues.first { $0.path == "train.steps" }
        #expect(steps?.value == "2000" && steps?.isOverridden == false)
        #expect(file.gives("train.lr") && !file.gives("train.steps"))
        #expect(!file.gives("datasets[0].caption_dropout_rate"))
    }

    @Test("without a preset nothing is set")
    func none() throws {
        let file = try RunFileText().parse()
        #expect(file.presetValues.isEmpty && file.network?.pathways == nil)
    }

    @Test("a preset whose purpose the file contradicts is told")
    func contradictions() throws {
        let warned = try run("face") { $0.dataset.append("do_audio: true") }
        #expect(
            warned.diagnostics.map(\.message) == [
                "is face, but do_audio: true brings sound that no adapter learns"
            ]
        )
        for preset in ["voice", "face+voice"] {
            let error = #expect(throws: ConfigError.self) {
                try run(preset) { $0.dataset.append("do_audio: false") }
            }
            #expect(
                error?.errors.map(\.message) == ["asks for a voice, but no dataset has sound"]
            )
        }
    }
}

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

    @Test("what is held out can be a share, names, or a folder, but only one of them")
    func heldOut() throws {
        var text = RunFileText()
        text.train.append("validation_split: 0.2")
        #expect(try text.parse().train.heldOut == .ratio(0.2))
        text.train[1] = "validation_folder: held"
        #expect(try text.parse().train.heldOut == .folder("held"))
        text.train.append("held_out: 0.1")
        #expect(
            text.messages == [
                "train.validation_folder: says what is held out, beside held_out; keep one of them"
            ]
        )
        text.train = ["steps: 5", "validation_folder: /nowhere/held"]
        let missing = try text.parse().validatePaths().map(\.description)
        #expect(
            missing.contains {
                $0.hasSuffix(
                    "train.validation_folder: \"/nowhere/held\" does not exist; check the path"
                )
            }
        )
    }

    @Test("losses that are both 0 teach nothing")
    func noLoss() throws {
        var text = RunFileText()
        text.train += ["video_loss_multiplier: 0", "audio_loss_multiplier: 0"]
        #expect(
            text.messages == [
                "train.video_loss_multiplier: is 0, and so is audio_loss_multiplier: nothing would be learned; raise one of them"
            ]
        )
        text.train = ["steps: 5", "video_loss_multiplier: 0", "auto_balance_audio_loss: true"]
        #expect(
            text.messages == [
                "warning: train.audio_balance: has nothing to balance the sound with, as video_loss_multiplier is 0; remove it"
            ]
        )
        #expect(try text.parse().train.audioBalance == .fixed)
    }

    @Test("voice preservation takes the number of sounds and how they are made")
    func voicePreservation() throws {
        var text = RunFileText()
        text.train.append("voice_preservation: {every: 2, clips: 0, steps: 8, guidance: 7}")
        let rules = try #require(try text.parse().train.voicePreservation)
        #expect(rules.every == 2 && rules.multiplier == 1 && rules.clips == 0)
        #expect(rules.steps == 8 && rules.guidance == 7)
        text.train[1] = "voice_preservation: {evry: 2}"
        #expect(text.messages.count == 1)
    }
}

import RunConfig
import Testing

/// What the file says by another key than the preset's.
@Suite("Presets beside other keys") struct PresetPrecedenceTests {
    private func file(_ preset: String) -> RunFileText {
        var text = RunFileText()
        text.process.append("preset: \(preset)")
        text.network = []
        text.train = []
        return text
    }

    private func overridden(_ file: RunFile) -> Set<String> {
        Set(file.presetValues.filter(\.isOverridden).map(\.path))
    }

    @Test("rank says the same as linear")
    func rank() throws {
        var text = file("face+voice")
        text.network = ["rank: 16"]
        let run = try text.parse()
        #expect(run.network?.linear == 16 && run.diagnostics.isEmpty)
        #expect(overridden(run) == ["network.linear"])
    }

    @Test("a rank dropout where ai-toolkit has it")
    func rankDropout() throws {
        var text = file("voice")
        text.network = ["network_kwargs: {rank_dropout: 0.3}"]
        let run = try text.parse()
        #expect(run.network?.rankDropout == 0.3 && run.network?.linear == 32)
        #expect(overridden(run) == ["network.rank_dropout"])
    }

    @Test("caption dropout of the train section")
    func captionDropout() throws {
        var text = file("face")
        text.train = ["caption_dropout_rate: 0.2"]
        let run = try text.parse()
        #expect(run.datasets[0].captionDropoutRate == 0.2)
        #expect(overridden(run) == ["datasets[0].caption_dropout_rate"])
    }

    @Test(
        "whoever weighs the losses himself is neither balanced nor warned",
        arguments: ["audio_balance: fixed", "audio_loss_multiplier: 2", "video_loss_multiplier: 0"]
    )
    func balance(line: String) throws {
        var text = file("face+voice")
        text.train = [line]
        let run = try text.parse()
        #expect(run.train.audioBalance == .fixed && run.diagnostics.isEmpty)
        #expect(overridden(run) == ["train.auto_balance_audio_loss"])
    }

    @Test("an optimizer that finds its rate gets none")
    func rates() throws {
        var text = file("face+voice")
        text.train = ["optimizer: prodigy"]
        let run = try text.parse()
        #expect(run.train.lr == 1 && run.train.audioLR == nil && run.diagnostics.isEmpty)
        #expect(overridden(run) == ["train.lr", "train.audio_lr"])
        text.train = ["optimizer: adamw8bit"]
        #expect(try text.parse().train.lr == 1e-4)
    }

    @Test("null leaves a key to the preset")
    func null() throws {
        var text = file("voice")
        text.train = ["steps: null", "lr: ~"]
        let run = try text.parse()
        #expect(run.train.steps == 1500 && run.train.lr == 1e-4)
        #expect(overridden(run).isEmpty)
    }

    @Test("values are listed as they would stand in the file")
    func listed() throws {
        let run = try file("voice").parse()
        let values = Dictionary(uniqueKeysWithValues: run.presetValues.map { ($0.path, $0.value) })
        #expect(
            values == [
                "network.linear": "32", "network.rank_dropout": "0.1",
                "network.pathways": "[\"audio\", \"video_to_audio\"]", "save.dtype": "\"bf16\"",
                "train.steps": "1500", "train.lr": "0.0001",
                "train.timestep_type": "\"sigmoid\"", "train.video_loss_multiplier": "0",
                "train.strict_audio_mode": "true", "datasets[0].caption_dropout_rate": "0.05",
            ]
        )
        #expect(values.keys.allSatisfy { !run.gives($0) })
    }

    @Test("each process has a preset of its own")
    func processes() throws {
        let entry = """
                - type: sd_trainer
                  preset: face
                  training_folder: out
                  model: {name_or_path: m}
                  datasets: [{folder_path: a, num_frames: 9}]

            """
        let plain = entry.replacing("      preset: face\n", with: "")
        let run = try RunFile.parse(
            text: "job: extension\nconfig:\n  name: a\n  process:\n" + entry + plain,
            fileName: "job.yaml"
        )
        #expect(run.processes.map { $0.network?.pathways } == [[.video], nil])
        #expect(run.processes.map(\.train.steps) == [2000, 1000])
        #expect(run.presetValues.allSatisfy { $0.path.hasPrefix("process[0].") })
    }

    @Test("an audio side that is no longer the smaller one is told")
    func sizes() throws {
        var text = file("face+voice")
        text.network = ["linear: 8"]
        text.train = ["lr: 2e-5"]
        #expect(
            text.messages == [
                "warning: network.linear: got 8, below the preset's audio_linear, 16; set network.audio_linear as well, to half of it",
                "warning: train.lr: got 2e-05, below the preset's audio_lr, 5e-05; set train.audio_lr as well, to half of it",
            ]
        )
        text.network = ["linear: 8", "audio_linear: 16"]
        text.train = ["lr: 2e-5", "audio_lr: 5e-5"]
        #expect(text.messages.isEmpty)
    }

    @Test("what a preset asks for and cannot be done is said of the preset")
    func unsupported() throws {
        let capabilities = Capabilities(features: [.modalitySettings])
        let found = try file("face").parse().unsupported(by: capabilities)
        #expect(
            found.map(\.description) == [
                "job.yaml:7: preset: sets network.rank_dropout: this program cannot do it yet; give network.rank_dropout another value, or remove the preset"
            ]
        )
        var text = file("face")
        text.network = ["rank_dropout: 0.2"]
        let own = try text.parse().unsupported(by: capabilities)
        #expect(
            own.map(\.description) == [
                "job.yaml:9: network.rank_dropout: this program cannot do it yet; remove the key to train without it"
            ]
        )
    }

    @Test("one fault is said once")
    func faults() {
        var text = file("voice")
        text.replaceProcess(with: ["datasets: []"])
        #expect(
            text.messages == [
                "datasets: got an empty list, expected a dataset; add \"- folder_path: …\""
            ]
        )
        text = file("face")
        text.train = ["strict_audio_mode: true"]
        #expect(
            text.messages == [
                "train.strict_audio_mode: asks for sound, but no dataset has any; set num_frames above 1 or auto_frame_count: true on a dataset of clips"
            ]
        )
    }
}

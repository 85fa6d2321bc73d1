import RunConfig
import Testing

@Suite("Which key wins, and what absent keys mean")
struct PrecedenceTests {
    private func run(_ change: (inout RunFileText) -> Void) throws -> RunFile {
        var file = RunFileText()
        change(&file)
        return try file.parse()
    }

    @Test("train.dtype wins over model.dtype, and absent is bf16")
    func dtype() throws {
        #expect(try run { _ in }.train.dtype == .bf16)
        let model = try run { $0.model.append("dtype: fp32") }
        #expect(model.train.dtype == .fp32 && model.model.dtype == .fp32)
        let both = try run {
            $0.model.append("dtype: fp32")
            $0.train.append("dtype: float16")
        }
        #expect(both.train.dtype == .fp16 && both.model.dtype == .fp16)
    }

    @Test("alpha counts only when the file asks for it")
    func alpha() throws {
        let plain = try run { $0.network = ["linear: 16", "linear_alpha: 8"] }
        #expect(plain.network?.scale == 1)
        let asked = try run {
            $0.network = ["linear: 16", "linear_alpha: 8", "honor_linear_alpha: true"]
        }
        #expect(asked.network?.scale == 0.5 && asked.diagnostics.isEmpty)
        let older = try run { $0.network = ["linear: 16", "alpha: 4", "honor_linear_alpha: true"] }
        #expect(older.network?.scale == 0.25)
        let absent = try run { $0.network = ["linear: 16", "honor_linear_alpha: true"] }
        #expect(absent.network?.scale == 1)
    }

    @Test("rank wins over linear")
    func rank() throws {
        #expect(try run { $0.network = ["rank: 12"] }.network?.linear == 12)
        #expect(try run { $0.network = ["linear: 16", "rank: 12"] }.network?.linear == 12)
    }

    @Test("dropouts within network_kwargs count where the section has none")
    func dropouts() throws {
        let network = try run {
            $0.network = [
                "linear: 8", "rank_dropout: 0.2",
                "network_kwargs: {rank_dropout: 0.3, module_dropout: 0.1}",
            ]
        }.network
        #expect(network?.rankDropout == 0.2 && network?.moduleDropout == 0.1)
    }

    @Test("a run without network trains the transformer")
    func fullFineTune() throws { #expect(try run { $0.network = [] }.network == nil) }

    @Test("dataset_path wins over folder_path, caption_type over caption_ext")
    func datasetNames() throws {
        let dataset = try run {
            $0.dataset = [
                "folder_path: a", "dataset_path: b", "caption_ext: txt", "caption_type: caption",
            ]
        }.datasets.first
        #expect(dataset?.folderPath == "b" && dataset?.captionExt == ".caption")
    }

    @Test("sound is on for clips by default and never for images")
    func sound() throws {
        #expect(try run { $0.dataset = ["folder_path: a", "num_frames: 9"] }.datasets[0].doAudio)
        #expect(
            try run { $0.dataset = ["folder_path: a", "auto_frame_count: true"] }.datasets[0]
                .doAudio
        )
        #expect(
            try run { $0.dataset = ["folder_path: a", "num_frames: 9", "do_audio: false"] }
                .datasets[0].doAudio == false
        )
        #expect(try run { $0.dataset = ["folder_path: a"] }.datasets[0].doAudio == false)
    }

    @Test(
        "do_i2v is a truth value or a probability",
        arguments: [("true", 1.0), ("false", 0), ("0.25", 0.25)]
    )
    func firstFrame(text: String, value: Double) throws {
        let dataset = try run { $0.dataset.append("do_i2v: \(text)") }.datasets[0]
        #expect(dataset.i2vProbability == value)
    }

    @Test("caption dropout and caches of the train section are the datasets' defaults")
    func trainDefaults() throws {
        let file = try run {
            $0.train += ["caption_dropout_rate: 0.1", "cache_text_embeddings: true"]
        }
        #expect(file.datasets[0].captionDropoutRate == 0.1 && file.datasets[0].cacheTextEmbeddings)
        let own = try run {
            $0.train.append("caption_dropout_rate: 0.1")
            $0.dataset.append("caption_dropout_rate: 0")
        }
        #expect(own.datasets[0].captionDropoutRate == 0)
    }

    @Test("a dataset's trigger word wins, and a regularisation set has none")
    func triggers() throws {
        let file = try run { $0.process.append("trigger_word: ohwx") }
        #expect(file.datasets[0].triggerWord == "ohwx")
        let own = try run {
            $0.process.append("trigger_word: ohwx")
            $0.dataset.append("trigger_word: abc")
        }
        #expect(own.datasets[0].triggerWord == "abc")
        let regularisation = try run {
            $0.process.append("trigger_word: ohwx")
            $0.dataset.append("is_reg: true")
        }
        #expect(regularisation.datasets[0].triggerWord == nil)
    }

    @Test("gradient_accumulation_steps is the same as gradient_accumulation")
    func accumulation() throws {
        #expect(
            try run { $0.train.append("gradient_accumulation_steps: 4") }.train.gradientAccumulation
                == 4
        )
        #expect(
            try run { $0.train.append("gradient_accumulation: 3") }.train.gradientAccumulation == 3
        )
    }

    @Test("layer_offloading wins over auto_memory")
    func offloading() throws {
        #expect(try run { $0.model.append("auto_memory: true") }.model.layerOffloading == .on)
        #expect(
            try run { $0.model += ["auto_memory: true", "layer_offloading: false"] }.model
                .layerOffloading == .off
        )
    }

    @Test("quantisation by switch, by word, and each model for itself")
    func quantization() throws {
        let off = try run { $0.model += ["quantize: false", "qtype: int8"] }.model
        #expect(off.quantize == nil && off.quantizeTE == nil)
        let word = try run { $0.model += ["quantize: int8", "quantize_te: false"] }.model
        #expect(word.quantize?.format == .int8 && word.quantizeTE == nil)
        let both = try run { $0.model += ["quantize: true", "qtype: uint4", "qtype_te: float8"] }
            .model
        #expect(both.quantize?.format == .int4 && both.quantizeTE?.format == .float8)
        let encoder = try run { $0.model.append("quantize_te: nf4") }.model
        #expect(encoder.quantize == nil && encoder.quantizeTE?.format == .nf4)
        #expect(try run { $0.model += ["quantize: true", "qtype: ''"] }.model.quantize == nil)
    }

    @Test("what follows the colon of arch does not count")
    func arch() throws {
        #expect(try run { $0.model.append("arch: \"ltx2.3:anything\"") }.model.arch == .ltx23)
    }

    @Test("linear decays, unless factors are given as torch has them")
    func linearSchedule() throws {
        let plain = try run { $0.train.append("lr_scheduler: linear") }.train.schedule
        #expect(plain.startFactor == 1 && plain.endFactor == 0 && plain.totalSteps == 5)
        let torch = try run {
            $0.train += [
                "lr_scheduler: linear", "lr_scheduler_params: {start_factor: 0.5, total_iters: 3}",
            ]
        }.train.schedule
        #expect(torch.startFactor == 0.5 && torch.endFactor == 1 && torch.totalSteps == 3)
    }

    @Test(
        "warm-up is a tenth of the steps and at most a thousand",
        arguments: [(200, 20), (50_000, 1000)]
    )
    func warmup(steps: Int, warmup: Int) throws {
        let train = try run {
            $0.train = ["steps: \(steps)", "lr_scheduler: constant_with_warmup"]
        }.train
        #expect(train.schedule.warmupSteps == warmup)
    }

    @Test(
        "optimizer names",
        arguments: [
            ("AdamW", OptimizerKind.adamw), ("prodigyopt", .prodigy), ("adamw_fused", .adamw),
            ("dadaptationadam", .dadaptation),
        ]
    )
    func optimizers(text: String, kind: OptimizerKind) throws {
        #expect(try run { $0.train += ["lr: 1", "optimizer: \(text)"] }.train.optimizer == kind)
    }

    @Test("strict_audio_mode tells an explicit false from an absent key")
    func strictMode() throws {
        #expect(try run { _ in }.train.strictAudioMode == nil)
        #expect(
            try run { $0.train.append("strict_audio_mode: false") }.train.strictAudioMode == false
        )
    }

    @Test("voice preservation is automatic, off, or as asked")
    func voicePreservation() throws {
        #expect(try run { _ in }.train.voicePreservation == nil)
        let off = try run { $0.train.append("voice_preservation: false") }.train.voicePreservation
        #expect(off?.isOn == false)
        let asked = try run { $0.train.append("voice_preservation: {every: 3, multiplier: 0.5}") }
        #expect(asked.train.voicePreservation?.every == 3)
        #expect(asked.train.voicePreservation?.multiplier == 0.5)
        let on = try run { $0.train.append("voice_preservation: true") }.train.voicePreservation
        #expect(on == VoicePreservation(every: 1, multiplier: 1))
        #expect(on?.clips == 4 && on?.steps == 20 && on?.guidance == 4)
        let sounds = try run {
            $0.train.append("voice_preservation: {clips: 0, steps: 8, guidance: 7}")
        }.train.voicePreservation
        #expect(sounds?.every == 1 && sounds?.multiplier == 1 && sounds?.clips == 0)
        #expect(sounds?.steps == 8 && sounds?.guidance == 7)
        let none = try run { $0.train.append("voice_preservation: {multiplier: 0}") }
        #expect(none.train.voicePreservation?.isOn == false)
    }

    @Test("a trigger word in every set that is learned is enough for preservation")
    func preservedTriggers() throws {
        let file = try run {
            $0.train += ["diff_output_preservation: true", "diff_output_preservation_class: man"]
            $0.dataset += ["trigger_word: ohwx", "- folder_path: others", "is_reg: true"]
        }
        #expect(file.train.diffOutputPreservation && file.datasets[1].triggerWord == nil)
    }

    @Test("held-out clips by share and by name")
    func heldOut() throws {
        #expect(try run { $0.train.append("held_out: 0.1") }.train.heldOut == .ratio(0.1))
        #expect(try run { $0.train.append("held_out: [a.mp4]") }.train.heldOut == .clips(["a.mp4"]))
    }

    @Test("the other keys of ours")
    func ownKeys() throws {
        let file = try run {
            $0.save = ["split: true", "merge_statistics: true"]
            $0.dataset += ["windows_per_clip: 3", "time_stretch: true"]
            $0.network += ["audio_linear: 4", "pathways: [audio, video_to_audio]"]
            $0.train += ["audio_lr: 2e-4", "held_out_every: 7", "mixed_audio_timestep: 0.3"]
            $0.process.append("preset: face+voice")
        }
        #expect(file.save.split && file.save.mergeStatistics && file.preset == .faceAndVoice)
        #expect(file.datasets[0].windowsPerClip == 3 && file.datasets[0].timeStretch)
        #expect(file.network?.audioLinear == 4 && file.train.audioLR == 2e-4)
        #expect(file.network?.pathways == [.audio, .videoToAudio])
        #expect(file.train.heldOutEvery == 7 && file.train.mixedAudioTimestep == 0.3)
    }
}

import RunConfig
import Testing

@Suite("Run files that users already have")
struct SeedFileTests {
    @Test("the recommended file has its stated effective values")
    func recommended() throws {
        let run = try Fixture.load("recommended.yaml")
        #expect(run.name == "LTX2_character_lora")
        #expect(run.type == .sdTrainer)
        #expect(run.trainingFolder == "output/my_character")
        #expect(run.device == "cuda:0")
        #expect(run.triggerWord == "ohwx")
        #expect(run.trainingSeed == nil)
        let network = try #require(run.network)
        #expect(network.type == .lora && network.linear == 32 && network.scale == 1)
        #expect(network.rankDropout == 0.1 && network.moduleDropout == 0)
        #expect(run.save.dtype == .bf16 && run.save.saveEvery == 250)
        #expect(run.save.maxStepSavesToKeep == 5 && run.save.saveFormat == .safetensors)
        #expect(run.firstSample == nil)
    }

    @Test("the recommended file's dataset")
    func recommendedDataset() throws {
        let run = try Fixture.load("recommended.yaml")
        #expect(run.datasets.count == 1)
        let dataset = try #require(run.datasets.first)
        #expect(dataset.folderPath == "/path/to/your/video/clips")
        #expect(dataset.resolution == [512] && dataset.numFrames == 81 && dataset.fps == 24)
        #expect(dataset.isVideo && dataset.doAudio && dataset.i2vProbability == 0)
        #expect(dataset.captionExt == ".txt" && dataset.captionDropoutRate == 0.05)
        #expect(dataset.triggerWord == "ohwx")
        #expect(!dataset.cacheLatentsToDisk && !dataset.cacheTextEmbeddings)
        #expect(
            dataset.shrinkVideoToFrames && !dataset.timeStretch && dataset.windowsPerClip == nil
        )
    }

    @Test("the recommended file's training")
    func recommendedTraining() throws {
        let train = try Fixture.load("recommended.yaml").train
        #expect(train.steps == 3000 && train.batchSize == 1 && train.gradientAccumulation == 1)
        #expect(train.optimizer == .adamw8bit && train.lr == 0.0001)
        #expect(train.lrScheduler == .constant && train.schedule.warmupSteps == 0)
        #expect(train.dtype == .bf16 && train.timestepType == .sigmoid)
        #expect(train.contentOrStyle == .balanced && train.lossType == .mse)
        #expect(train.autoBalanceAudioLoss && train.audioBalance == .lossAverage)
        #expect(train.independentAudioTimestep && train.audioTimestepType == .uniform)
        #expect(train.noiseOffset == 0.05 && train.maxGradNorm == 1)
        #expect(train.strictAudioMode == nil && train.voicePreservation == nil)
        #expect(train.gradientCheckpointing == .all && !train.emaConfig.useEMA)
    }

    @Test("the recommended file's model and previews")
    func recommendedModel() throws {
        let run = try Fixture.load("recommended.yaml")
        #expect(run.model.nameOrPath == "Lightricks/LTX-2" && run.model.arch == nil)
        #expect(run.model.lowVRAM && run.model.layerOffloading == .off)
        #expect(run.model.quantize == Quantization(qtype: "qfloat8", format: .float8))
        #expect(run.model.quantizeTE == Quantization(qtype: "qfloat8", format: .float8))
        let sample = try #require(run.sample)
        #expect(sample.sampleEvery == 250 && sample.samples.count == 1)
        let item = try #require(sample.samples.first)
        #expect(item.prompt == "ohwx speaking to the camera about artificial intelligence")
        #expect(item.width == 512 && item.height == 320 && item.numFrames == 81)
        #expect(item.sampleSteps == 25 && item.guidanceScale == 3 && item.seed == 0)
        #expect(item.fps == 24 && item.networkMultiplier == 1 && item.neg.isEmpty)
    }

    @Test("the recommended file is told what has no effect, and nothing else")
    func recommendedNotes() throws {
        let run = try Fixture.load("recommended.yaml")
        #expect(run.diagnostics.map(\.path) == ["train.min_snr_gamma", "sample.num_frames"])
        #expect(run.diagnostics.allSatisfy { $0.severity == .note })
    }

    @Test("the DoRA variant")
    func dora() throws {
        let network = try #require(try Fixture.load("recommended-dora.yaml").network)
        #expect(network.type == .dora && network.linear == 32 && network.scale == 1)
        #expect(network.rankDropout == 0.1)
    }

    @Test("the offloading variant")
    func offloading() throws {
        let model = try Fixture.load("recommended-offloading.yaml").model
        #expect(model.layerOffloading == .on && model.layerOffloadingTransformerPercent == 0.56)
        #expect(model.layerOffloadingTextEncoderPercent == 1)
    }

    @Test("the SOP's fragment is answered with everything that is missing")
    func fragment() throws {
        let path = try Fixture.path("sop-quick-start.yaml")
        let error = #expect(throws: ConfigError.self) {
            try RunFile.load(path: path, environment: [:])
        }
        let lines = error?.errors.map { "\($0.line): \($0.path): \($0.message); \($0.fix)" }
        #expect(
            lines == [
                "1: job: missing, expected one of extension, train; write \"job: extension\"; merging has its own command, likeness lora merge",
                "1: config.name: missing, expected text without slashes that is not empty; choose a name that can be a folder's, such as my_character",
                "3: type: missing, expected one of sd_trainer, diffusion_trainer, ui_trainer, textual_inversion_trainer; write \"type: sd_trainer\"",
                "3: training_folder: missing, expected text that is not empty; say where the run may write, such as output",
                "3: model: missing, expected a mapping of keys; add the section",
            ]
        )
        let warnings = error?.diagnostics.filter { $0.severity == .warning }
        #expect(warnings?.map(\.path) == ["train.min_snr_gamma"])
    }

    @Test("the UI's template has no errors and no warnings")
    func template() throws {
        let run = try Fixture.load("ui-template.yaml")
        #expect(run.diagnostics.allSatisfy { $0.severity == .note })
        #expect(run.type == .diffusionTrainer && run.triggerWord == nil)
        #expect(run.datasets.first?.resolution == [512, 768, 1024])
        #expect(run.datasets.first?.doAudio == false)
        #expect(run.train.timestepType == .weighted)
        #expect(run.train.optimizerParams == ["weight_decay": 0.0001])
        #expect(run.model.arch == .ltx23 && run.model.quantize?.format == .float8)
        #expect(run.save.saveFormat == .diffusers && run.save.maxStepSavesToKeep == 4)
        #expect(run.meta == ["name": "my_first_ltx_lora", "version": "1.0"])
        let items = try #require(run.sample?.samples)
        #expect(items.map(\.seed) == [42, 7])
        #expect(items.map(\.fps) == [24, 25])
        #expect(items.last?.prompt == "a man in a red jacket sings")
    }
}

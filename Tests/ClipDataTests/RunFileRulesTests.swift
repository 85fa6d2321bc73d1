import Foundation
import RunConfig
import Testing

@testable import ClipData

/// From keys of the run file to rules.
@Suite struct RunFileRulesTests {
    private func rules(_ lines: [String]) throws -> DatasetRules {
        let text = """
            job: extension
            config:
              name: test
              process:
                - type: sd_trainer
                  training_folder: out
                  trigger_word: ohwx
                  network: {type: lora, linear: 8}
                  train: {steps: 5}
                  model: {name_or_path: tiny}
                  datasets:
                    - folder_path: clips

            """
        let keys = lines.map { "          \($0)\n" }.joined()
        let file = try RunFile.parse(text: text + keys, fileName: "job.yaml")
        return DatasetRules(file.process.datasets[0], number: 0)
    }

    @Test("the recommended set: sound on, real time, 81 frames at 24")
    func recommended() throws {
        let lines = [
            "num_frames: 81", "do_audio: true", "caption_ext: \"txt\"",
            "caption_dropout_rate: 0.05",
        ]
        var expected = DatasetRules(path: "clips")
        expected.windows = WindowRules(frameCount: 81, rate: 24)
        expected.wantsSound = true
        expected.trigger = "ohwx"
        expected.captionVariation = CaptionVariation(captionDropoutRate: 0.05)
        #expect(try rules(lines) == expected)
    }

    @Test("shrink_video_to_frames does not ask for stretching; time_stretch does")
    func stretching() throws {
        let shrink = ["num_frames: 81", "shrink_video_to_frames: true"]
        #expect(try !rules(shrink).windows.stretches)
        let stretch = ["num_frames: 81", "time_stretch: true", "audio_preserve_pitch: true"]
        #expect(try rules(stretch).windows.stretches)
    }

    @Test("every key that concerns clips arrives")
    func everyKey() throws {
        let rules = try rules([
            "num_frames: 49", "fps: 25", "auto_frame_count: true",
            "trim_auto_frame_count_tail: false", "windows_per_clip: 3", "resolution: [256, 512]",
            "scale: 0.5", "num_repeats: 4", "is_reg: true", "loss_multiplier: 0.5", "flip_x: true",
            "flip_y: true", "square_crop: true", "random_crop: true", "do_i2v: 0.5",
            "audio_normalize: true", "caption_ext: caption", "default_caption: a man",
            "use_short_captions: true", "token_dropout_rate: 0.1", "keep_tokens: 2",
            "shuffle_tokens: true", "random_triggers: [x, y]", "random_triggers_max: 2",
        ])
        var expected = DatasetRules(path: "clips")
        expected.windows = WindowRules(
            frameCount: 49,
            rate: 25,
            takesWholeClip: true,
            trimsTail: false,
            mostPerClip: 3
        )
        expected.resolutions = [256, 512]
        expected.scale = 0.5
        expected.repeats = 4
        expected.isRegularisation = true
        expected.lossMultiplier = 0.5
        expected.flipX = true
        expected.flipY = true
        expected.cropsSquare = true
        expected.cropsAtRandom = true
        expected.imageToVideoProbability = 0.5
        expected.wantsSound = true
        expected.normalizesSound = true
        expected.captionExtension = ".caption"
        expected.defaultCaption = "a man"
        expected.usesShortCaptions = true
        expected.captionVariation = CaptionVariation(
            tokenDropoutRate: 0.1,
            keepTokens: 2,
            shufflesTokens: true,
            extraTags: ["x", "y"],
            mostExtraTags: 2
        )
        #expect(rules == expected)
    }

    @Test("random triggers may come from a file, a line each")
    func triggerFile() throws {
        let scratch = try ScratchFolder()
        let path = try scratch.write("x\n\n y \r\nz", to: "triggers.txt")
        let rules = try rules(["num_frames: 9", "random_triggers: \(path)"])
        #expect(rules.captionVariation.extraTags == ["x", "y", "z"])
    }

    @Test("images without buckets are cropped to squares")
    func withoutBuckets() throws {
        #expect(try rules(["buckets: false"]).cropsSquare)
    }
}

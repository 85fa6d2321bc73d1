import RunConfig
import Testing

@Suite("Previews")
struct SampleTests {
    private func sample(_ lines: [String], fps: String = "fps: 25") throws -> SampleSection {
        var file = RunFileText()
        file.sample = lines
        file.dataset.append(fps)
        return try #require(try file.parse().sample)
    }

    @Test("inline flags win over the item, and the item over the section")
    func precedence() throws {
        let sample = try sample([
            "seed: 1", "width: 512", "height: 512",
            "samples: [{prompt: \"a cat --w 256 --seed 9\", width: 384, height: 384}]",
        ])
        let item = try #require(sample.samples.first)
        #expect(item.prompt == "a cat" && item.width == 256 && item.height == 384 && item.seed == 9)
    }

    @Test("every inline flag is taken")
    func flags() throws {
        let prompt =
            "she sings --n blurry, dark --h 320 --l 2.5 --s 12 --m 0 --frames 17 --fps 30 --gr 0.5 --ctrl_img a.png --p2 other"
        let item = try #require(try sample(["prompts: [\"\(prompt)\"]"]).samples.first)
        #expect(item.prompt == "she sings" && item.neg == "blurry, dark" && item.height == 320)
        #expect(item.guidanceScale == 2.5 && item.sampleSteps == 12 && item.networkMultiplier == 0)
        #expect(item.numFrames == 17 && item.fps == 30 && item.guidanceRescale == 0.5)
        #expect(item.ctrlImg == "a.png")
    }

    @Test(
        "other dashes are text",
        arguments: ["well -- yes", "a --dark look", "cat--w 3", "--w 3 first"]
    )
    func dashes(prompt: String) throws {
        #expect(try sample(["prompts: [\"\(prompt)\"]"]).samples.first?.prompt == prompt)
    }

    @Test("walk_seed counts up from the section's seed, but not over an item's own")
    func walkSeed() throws {
        let sample = try sample([
            "seed: 40", "walk_seed: true",
            "samples: [{prompt: a}, {prompt: b, seed: 5}, {prompt: c}]",
        ])
        #expect(sample.samples.map(\.seed) == [40, 5, 42])
    }

    @Test("clips play as the first set of clips, images as ai-toolkit has it")
    func rate() throws {
        #expect(try sample(["num_frames: 9", "prompts: [a]"]).samples.first?.fps == 25)
        #expect(try sample(["num_frames: 9", "fps: 12", "prompts: [a]"]).samples.first?.fps == 12)
        #expect(try sample(["prompts: [a]"]).samples.first?.fps == 16)
    }

    @Test("sizes and frames are floored to what the model makes")
    func snapping() throws {
        let item = try #require(
            try sample(["width: 500", "num_frames: 80", "prompts: [\"a --h 333\"]"]).samples.first
        )
        #expect(item.width == 480 && item.height == 320 && item.numFrames == 73)
    }

    @Test("a negative prompt of false is none")
    func negative() throws {
        #expect(try sample(["neg: False", "prompts: [a]"]).samples.first?.neg == "")
        #expect(try sample(["neg: blurry", "prompts: [a]"]).samples.first?.neg == "blurry")
    }
}

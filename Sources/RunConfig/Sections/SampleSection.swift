/// The `sample:` section: previews while training.
public struct SampleSection: Sendable, Equatable {
    /// Key `sample_every`: steps between previews.
    public var sampleEvery = 100
    /// Key `sample_start_step`: none before this step.
    public var sampleStartStep = 0
    /// Key `sampler`: always flow matching.
    public var sampler = "flowmatch"
    /// Key `format`: ending of preview images; clips are mp4.
    public var format = "jpg"
    /// Key `walk_seed`: each prompt has its own seed.
    public var walkSeed = false
    /// Keys `samples`, else `prompts`: what to make, with every value resolved.
    public var samples: [SampleItem] = []
    /// The section's own values, which items start from.
    public var defaults = SampleItem()

    /// `videoRate` is the frames per second of the first set of clips.
    init(from section: inout ConfigSection, videoRate: Double?) {
        readTimes(from: &section)
        readDefaults(from: &section, videoRate: videoRate)
        readPrompts(from: &section)
        readUnused(from: &section)
        section.rejectUnknownKeys()
    }

    private mutating func readTimes(from section: inout ConfigSection) {
        section.about("Steps between previews.")
        section.read("sample_every", into: &sampleEvery, .within(1...1_000_000_000))
        section.about("No previews before this step.")
        section.read("sample_start_step", into: &sampleStartStep, .within(0...1_000_000_000))
        section.about("LTX-2 is sampled by flow matching, whatever is written here.")
        section.read("sampler", into: &sampler)
        section.about("Ending of preview images; clips are mp4.")
        section.read(
            "format",
            into: &format,
            .that("such as jpg, png or webp") {
                ["jpg", "jpeg", "png", "webp", "mp4"].contains($0)
            }
        )
        section.about("Each prompt has its own seed: the first one's plus its place in the list.")
        section.read("walk_seed", into: &walkSeed)
    }

    private mutating func readDefaults(from section: inout ConfigSection, videoRate: Double?) {
        section.about("Frames of a preview, of the form 8k + 1; 1 makes an image.")
        defaults.readFrames(from: &section)
        let isVideo = defaults.numFrames > 1
        if isVideo, let videoRate {
            defaults.fps = videoRate
            if !section.has("fps") {
                section.note(
                    "num_frames",
                    "previews play at \(videoRate) frames per second, as the clips do"
                )
            }
        }
        defaults.readRest(from: &section)
    }

    /// `samples` wins over `prompts`; flags within a prompt win over its item.
    private mutating func readPrompts(from section: inout ConfigSection) {
        var prompts: [String] = []
        section.about("Texts to make previews of; `samples` wins.")
        section.read("prompts", into: &prompts)
        section.about("What to make: each a prompt, with any value of this section.")
        var items: [SampleItem] = []
        for (index, child) in section.sections("samples").enumerated() {
            var child = child
            items.append(SampleItem(from: &child, defaults: defaults(for: index)))
        }
        if section.has("samples"), section.has("prompts") {
            section.warn("prompts", "has no effect beside samples", fix: "keep one")
        }
        guard !section.has("samples") else { return samples = items }
        samples = prompts.enumerated().map { index, prompt in
            var item = defaults(for: index)
            item.prompt = prompt
            item.applyFlags(in: section, key: "prompts")
            return item
        }
    }

    private func defaults(for index: Int) -> SampleItem {
        var item = defaults
        if walkSeed { item.seed += index }
        return item
    }

    private func readUnused(from section: inout ConfigSection) {
        section.ignore(
            [
                "refiner_start_at": 0.5, "adapter_conditioning_scale": 1, "extra_values": [],
                "do_cfg_norm": false, "use_freefuse": false, "freefuse_concepts": nil,
                "freefuse_extract_step": nil,
            ],
            because: "it belongs to other model families"
        )
    }
}

/// One preview: a prompt and all that it is made with.
public struct SampleItem: Sendable, Equatable {
    /// The text, without its flags.
    public var prompt = ""
    /// Key `neg`: the negative prompt.
    public var neg = ""
    /// Key `width`: pixels, divisible by 32.
    public var width = 512
    /// Key `height`: pixels, divisible by 32.
    public var height = 512
    /// Key `num_frames`: 8k + 1; 1 is an image.
    public var numFrames = 1
    /// Key `fps`: frames per second, given to the model too.
    public var fps = 16.0
    /// Key `sample_steps`: denoising steps.
    public var sampleSteps = 20
    /// Key `guidance_scale`: classifier-free guidance of the picture.
    public var guidanceScale = 7.0
    /// Key `guidance_rescale`: share of the guided prediction brought back to its spread; nil is the
    /// version's.
    public var guidanceRescale: Double?
    /// Key `seed`: start of its noise.
    public var seed = 0
    /// Key `network_multiplier`: strength of the adapter; 0 shows the base model.
    public var networkMultiplier = 1.0
    /// Key `ctrl_img`: first frame.
    public var ctrlImg: String?

    /// The defaults; the prompt is empty.
    public init() {}

    init(from section: inout ConfigSection, defaults: SampleItem) {
        self = defaults
        section.about("The text; `--flag value` in it wins over the other keys.")
        section.require("prompt", into: &prompt, fix: "write what the preview should show")
        section.about("Frames of a preview, of the form 8k + 1; 1 makes an image.")
        readFrames(from: &section)
        readRest(from: &section)
        section.about("First frame of the preview: an image file.")
        section.read("ctrl_img", into: &ctrlImg, .notEmpty)
        section.about("Another name of `ctrl_img`.")
        section.read("ctrl_img_1", into: &ctrlImg, .notEmpty)
        section.ignore(
            ["ctrl_img_2": nil, "ctrl_img_3": nil, "ctrl_idx": 0, "do_cfg_norm": false],
            because: "LTX-2 takes one first frame"
        )
        applyFlags(in: section, key: "prompt")
        section.rejectUnknownKeys()
    }

    mutating func readFrames(from section: inout ConfigSection) {
        section.read("num_frames", into: &numFrames, .within(1...2001), fix: "use 81 or 121")
        snapFrames { section.note("num_frames", $0) }
    }

    mutating func readRest(from section: inout ConfigSection) {
        let side = Rule<Int>.within(32...8192)
        section.about("Width in pixels; floored to a multiple of 32.")
        section.read("width", into: &width, side, fix: "use 512")
        section.about("Height in pixels; floored to a multiple of 32.")
        section.read("height", into: &height, side, fix: "use 320")
        snapSides { section.note($0, $1) }
        section.about("Frames per second.")
        section.read(
            "fps",
            into: &fps,
            .within(1...240),
            otherwise: "that of the first set of clips"
        )
        section.about("Denoising steps.")
        section.read("sample_steps", into: &sampleSteps, .within(1...10_000), fix: "use 25")
        section.about("Classifier-free guidance of the picture.")
        section.read("guidance_scale", into: &guidanceScale, .within(0...1000), fix: "use 3.0")
        section.about("Share of the guided prediction brought back to its spread.")
        section.read(
            "guidance_rescale",
            into: &guidanceRescale,
            .within(0...1),
            otherwise: "that of the model's version"
        )
        var negative = TextOrFalse(neg)
        section.about("Negative prompt.")
        section.read("neg", into: &negative)
        neg = negative.text
        section.about("Start of the noise.")
        section.read("seed", into: &seed, .within(0...Int(UInt32.max)))
        section.about("Strength of the adapter; 0 shows the base model.")
        section.read("network_multiplier", into: &networkMultiplier, .within(-100...100))
    }

    /// The model makes 8k + 1 frames.
    mutating func snapFrames(note: (String) -> Void) {
        let snapped = (numFrames - 1) / 8 * 8 + 1
        if snapped != numFrames {
            note("got \(numFrames), taken as \(snapped), as the model needs 8k + 1")
        }
        numFrames = snapped
    }

    /// The model makes sides that 32 divides.
    mutating func snapSides(note: (_ key: String, _ message: String) -> Void) {
        for (key, path) in [("width", \SampleItem.width), ("height", \SampleItem.height)] {
            let side = self[keyPath: path]
            let snapped = side / 32 * 32
            if snapped != side { note(key, "got \(side), taken as \(snapped), a multiple of 32") }
            self[keyPath: path] = snapped
        }
    }
}

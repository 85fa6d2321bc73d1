import Adapters
public import ArgumentParser
public import LoRATools

/// `lora split`: face, voice and the rest in files of their own.
struct LoRASplitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split",
        abstract: "Write the face, the voice and the rest as files of their own.",
        discussion: """
            STEM_face.safetensors has the layers of the picture and audio_to_video, STEM_voice.safetensors \
            those of the sound and video_to_audio, STEM_joint.safetensors what belongs to both: layers \
            around the blocks and connectors. A file without layers is not written. All tensors are copied \
            byte by byte; used together the files do what the whole did.

            Example: likeness lora split anna.safetensors -o anna
            """
    )

    @Argument(help: "An adapter file.", completion: .file(extensions: ["safetensors"]))
    var file: String

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("What the files' names begin with.", valueName: "stem")
    )
    var output: String

    func run() async throws {
        let (file, output) = (file, output)
        try await runningTool { progress in
            let parts = try LoRASplit.write(
                LoRAFile(path: file),
                stem: output,
                progress: progress.ofBytes
            )
            for part in parts {
                progress.write("\(String.wrote(part.path)), \(String.layers(part.layerCount))")
            }
        }
    }
}

/// `lora strip`: removes layers.
struct LoRAStripCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "strip",
        abstract: "Remove pathways or layers; the rest is copied byte by byte.",
        discussion: """
            Pathways are video, audio, audio_to_video, video_to_audio, other, face and voice. A pattern is \
            a part of a layer's name; * stands for anything.

            Example: likeness lora strip anna.safetensors --pathways voice --layers "attn2*to_k" -o face.safetensors
            """
    )

    @Argument(help: "An adapter file.", completion: .file(extensions: ["safetensors"]))
    var file: String

    @Option(help: ArgumentHelp("Pathways to remove, with commas.", valueName: "names"))
    var pathways: String?

    @Option(help: ArgumentHelp("Layers to remove; may be repeated.", valueName: "pattern"))
    var layers: [String] = []

    @OptionGroup var options: LoRAOutputOptions

    func validate() throws {
        guard pathways == nil, layers.isEmpty else { return }
        throw ValidationError("nothing says what to remove; give --pathways or --layers")
    }

    func run() async throws {
        let (file, output, pathways, layers) = (file, options.output, pathways, layers)
        try await runningTool { progress in
            let strip = try LoRAStrip(pathways: pathways, patterns: layers)
            let gone = try strip.write(
                LoRAFile(path: file),
                to: output,
                progress: progress.ofBytes
            )
            progress.write("\(String.wrote(output)), without \(String.layers(gone.count))")
        }
    }
}

/// `lora scale`: other strengths as the new 1.
struct LoRAScaleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Make a file that acts at strength 1 as this one does at other strengths.",
        discussion: """
            Strengths are one number, or numbers by part: video, audio, audio_to_video, video_to_audio, \
            other, face, voice; parts that are not named stay 1. Where the file says alphas, these are \
            scaled and A and B stay byte by byte; where it says none, B is scaled, in float32 unless the \
            factor is a power of two. Layers at 0 are left out.

            Example: likeness lora scale anna.safetensors face=1,voice=0.5 -o quiet.safetensors
            """
    )

    @Argument(help: "An adapter file.", completion: .file(extensions: ["safetensors"]))
    var file: String

    @Argument(help: "Strengths such as 0.8 or face=1,voice=0.5.")
    var strengths: String

    @OptionGroup var options: LoRAOutputOptions

    func run() async throws {
        let (file, output, text) = (file, options.output, strengths)
        try await runningTool { progress in
            let scale = LoRAScale(try PathwayStrengths(parsing: text, at: "strengths"))
            let outcome = try scale.write(
                LoRAFile(path: file),
                to: output,
                progress: progress.ofBytes
            )
            progress.write(String.wrote(output))
            for line in Self.lines(outcome) { progress.write("  " + line) }
        }
    }

    private static func lines(_ outcome: LoRAScale.Outcome) -> [String] {
        [
            (outcome.kept, "copied as they are"),
            (outcome.byAlpha, "scaled by their alpha, A and B as they were"),
            (outcome.inPlace, "scaled in B, in the type of the file"),
            (outcome.widened, "scaled in B, stored as float32 so that nothing is lost"),
            (outcome.removed, "left out, their strength is 0"),
        ]
        .filter { $0.0 > 0 }.map { "\(String.layers($0.0)) \($0.1)" }
    }
}

/// `lora convert`: the names of another program.
struct LoRAConvertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write the names that another program reads; tensors are copied byte by byte.",
        discussion: """
            comfyui is what ComfyUI, the official trainer and ai-toolkit write. There and back again gives \
            the same tensors.

            Example: likeness lora convert anna.safetensors --to diffusers -o anna-diffusers.safetensors
            """
    )

    @Argument(help: "An adapter file.", completion: .file(extensions: ["safetensors"]))
    var file: String

    @Option(help: "comfyui, diffusers, kohya, peft, lycoris or plain.")
    var to: KeyDialect

    @OptionGroup var options: LoRAOutputOptions

    func run() async throws {
        let (file, output, dialect) = (file, options.output, to)
        try await runningTool { progress in
            let source = try LoRAFile(path: file)
            let notes = try LoRAConvert(to: dialect).write(
                source,
                to: output,
                progress: progress.ofBytes
            )
            progress.write(
                "\(String.wrote(output)), \(String.layers(source.layers.count)) from "
                    + "\(source.dialect.rawValue) to \(dialect.rawValue)"
            )
            for note in notes { progress.write("  " + note) }
        }
    }
}

extension KeyDialect: ExpressibleByArgument {}

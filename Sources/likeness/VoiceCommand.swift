import ArgumentParser
import Foundation
import Media
import SoundAnalysis
import Torch

/// `voice`: what concerns voices alone.
struct VoiceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "voice",
        abstract: "Measure how voices sound.",
        subcommands: [VoiceCompareCommand.self]
    )
}

/// `voice compare`: the spectral voice distance of two sounds or folders.
struct VoiceCompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Tell how far apart two voices sound: files, or folders of files.",
        discussion: """
            Prints the spectral voice distance and what it is made of. It compares how recordings \
            sound (voice, room, microphone and codec together) and does not tell who speaks. Only \
            speech is measured, level does not matter, and both are heard up to the highest \
            frequency that both hold, at most 7.6 kHz.

            Compare like with like: put the distance of two recordings of the same voice beside it.
            """
    )

    @Argument(help: "A sound or video file, or a folder of them.", completion: .file())
    var first: String

    @Argument(help: "What it is compared with.", completion: .file())
    var second: String

    @Flag(help: "Print JSON.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "A TorchScript speaker model; adds the cosine similarity of both voices.",
            discussion: """
                forward takes [1, N] float32 at 16 kHz and gives an embedding [1, D] or [D]. Such a \
                file is a program: load only files that you trust.
                """,
            valueName: "file"
        ),
        completion: .file()
    )
    var speakerModel: String?

    func run() async throws {
        try await reportingErrors {
            let (one, other) = (try VoiceProfile(path: first), try VoiceProfile(path: second))
            var comparison = VoiceComparison(one, other)
            if let speakerModel {
                comparison.speakerSimilarity = try similarity(SpeakerModel(path: speakerModel))
            }
            show(json ? try Self.encoded(comparison) : VoiceTable(comparison).text)
        }
    }

    private func similarity(_ model: SpeakerModel) throws -> Double? {
        SpeakerModel.similarity(
            try model.meanEmbedding(of: sounds(of: first)),
            try model.meanEmbedding(of: sounds(of: second))
        )
    }

    /// The mean of both channels at 16 kHz, of each file.
    private func sounds(of path: String) throws -> [[Float]] {
        var sounds: [[Float]] = []
        for file in try VoiceProfile.files(at: path) {
            try VoiceProfile.sounds(of: file, sampleRate: SpeakerModel.sampleRate) { sound in
                sounds.append(zip(sound.samples[0], sound.samples[1]).map { ($0 + $1) / 2 })
            }
        }
        return sounds
    }

    private static func encoded(_ comparison: VoiceComparison) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(comparison), as: UTF8.self)
    }
}

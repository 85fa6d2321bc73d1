public import Foundation
public import RunStore

/// One line of a run's `metrics.jsonl` as rows of curves and previews.
///
/// Members that are not known are left out, so that files of later versions can be read; so are numbers that are
/// not finite, which leave a gap in the curve.
public struct MetricsLine: Equatable, Sendable {
    /// Steps finished.
    public let step: Int
    /// Its numbers, by the names of curves.
    public let rows: [MetricRow]
    /// Its previews, with paths as the line gives them.
    public let samples: [Sample]

    /// Reads a whole line; nil if it is not an object with a step.
    public init?(_ line: some DataProtocol) {
        guard let members = try? Self.decoder.decode(Members.self, from: Data(line)),
            members.step >= 0
        else { return nil }
        step = members.step
        rows = members.values.filter(\.value.isFinite).map { key, value in
            MetricRow(key: key, step: members.step, value: value)
        }.sorted { $0.key < $1.key }
        samples = members.samples
    }

    private static let decoder: JSONDecoder = {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        return decoder
    }()
}

/// What is known of a line.
private struct Members: Decodable {
    let step: Int
    private(set) var values: [String: Double] = [:]
    private(set) var samples: [Sample] = []

    /// Members whose number is a curve of the same name.
    private static let numbers = [
        "loss", "loss_video", "loss_audio", "audio_weight", "grad_norm", "grad_norm_video",
        "grad_norm_audio", "lr", "lr_audio", "seconds", "peak_bytes", "process_bytes",
        "supervised_ratio",
    ]

    init(from decoder: any Decoder) throws {
        let line = try decoder.container(keyedBy: Name.self)
        step = try line.decode(Int.self, forKey: Name("step"))
        for name in Self.numbers { values[name] = line.optional(Double.self, name) }
        for (member, curve) in [("preservation", "preservation"), ("adapter_change", "change")] {
            for (name, value) in line.optional([String: Double].self, member) ?? [:] {
                values["\(curve)/\(name)"] = value
            }
        }
        for member in ["error_video", "error_audio"] {
            addQuarters(line.optional([NoiseError].self, member) ?? [], as: member)
        }
        addHeldOut(line)
        samples = Self.samples(line.optional(Previews.self, "previews"), step: step)
    }

    /// Mean errors by quarter of the noise level: 0 to 0.25, 0.25 to 0.5 and so on.
    private mutating func addQuarters(_ errors: [NoiseError], as name: String) {
        let quarters = Dictionary(grouping: errors) { min(3, max(0, Int($0.sigma * 4))) }
        for (quarter, errors) in quarters {
            let sum = errors.reduce(0) { $0 + $1.error }
            values["\(name)/q\(quarter + 1)"] = sum / Double(errors.count)
        }
    }

    private mutating func addHeldOut(_ line: KeyedDecodingContainer<Name>) {
        for name in ["face_gain", "voice_gain"] {
            values["held_out/\(name)"] = line.optional(Double.self, name)
        }
        guard let measured = line.optional([String: Losses].self, "held_out") else { return }
        for (name, losses) in measured {
            values["held_out/\(name)_video"] = losses.video
            values["held_out/\(name)_audio"] = losses.audio
        }
    }

    private static func samples(_ previews: Previews?, step: Int) -> [Sample] {
        (previews?.previews ?? []).enumerated().map { index, preview in
            Sample(
                step: step,
                promptIndex: index,
                kind: Sample.Kind(path: preview.path),
                path: preview.path,
                prompt: preview.prompt,
                seed: preview.seed,
                voiceDistance: preview.voiceDistance,
                voiceClip: preview.voiceClip
            )
        }
    }
}

private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
}

private struct NoiseError: Decodable {
    let sigma: Double
    let error: Double
}

private struct Losses: Decodable {
    let video: Double
    let audio: Double?
}

private struct Previews: Decodable {
    struct Preview: Decodable {
        let path: String
        let prompt: String
        let seed: Int
        let voiceDistance: Double?
        let voiceClip: String?
    }

    let previews: [Preview]
}

extension KeyedDecodingContainer where Key == Name {
    /// A member; nil if it is absent or of another kind, which is no reason to lose the others.
    fileprivate func optional<T: Decodable>(_ type: T.Type, _ name: String) -> T? {
        (try? decodeIfPresent(type, forKey: Name(name))) ?? nil
    }
}

extension Sample.Kind {
    /// What a preview's file is, by its name.
    public init(path: String) {
        switch (path as NSString).pathExtension.lowercased() {
        case "wav", "flac", "mp3", "ogg", "m4a": self = .sound
        case "png", "jpg", "jpeg", "webp": self = .picture
        default: self = .video
        }
    }
}

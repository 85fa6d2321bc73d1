import Foundation
import Media

/// A clip as pages see it.
struct ClipAnswer: Encodable {
    let path: String
    let name: String
    let kind: String
    let seconds: Double?
    let width: Int?
    let height: Int?
    let fps: Double?
    let channels: Int?
    let sampleRate: Int?
    let videoCodec: String?
    let soundCodec: String?
    let bytes: Int
    let modifiedAt: Date
    let caption: String?
    /// Whether it is marked as only to be measured.
    let heldOut: Bool
    /// Why it cannot be read; nil if it can.
    let problem: String?

    /// Reads what the file says of itself; decodes nothing.
    init(file: String, address: String, probes: ClipProbes) {
        let facts = try? FileManager.default.attributesOfItem(atPath: file)
        let found = probes.probe(file)
        let info = try? found.get()
        path = address
        name = (file as NSString).lastPathComponent
        kind =
            info?.isImage == true ? "image" : info?.video == nil && info != nil ? "sound" : "video"
        seconds = info?.duration
        width = info?.video?.width
        height = info?.video?.height
        fps = info?.video?.frameRate
        channels = info?.audio?.channels
        sampleRate = info?.audio?.sampleRate
        videoCodec = info?.video?.codec
        soundCodec = info?.audio?.codec
        bytes = facts?[.size] as? Int ?? 0
        modifiedAt = facts?[.modificationDate] as? Date ?? .distantPast
        caption = CaptionText(clip: file).text
        let folder = (file as NSString).deletingLastPathComponent
        heldOut = HeldOutMarks(folder: folder).names.contains(name)
        if case .failure(let error) = found { problem = "\(error)" } else { problem = nil }
    }
}

/// The text beside a clip.
struct CaptionText {
    let path: String

    /// The caption of a clip: `clip.txt` beside `clip.mp4`.
    init(clip: String) { path = (clip as NSString).deletingPathExtension + ".txt" }

    /// Nil where there is none, or no text.
    var text: String? {
        PlainFile.contents(path).flatMap { String(validating: $0, as: UTF8.self) }
    }

    func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}

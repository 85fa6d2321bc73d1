internal import CFFmpeg
internal import Foundation

/// The picture formats that are read, told by the first bytes and not by the file's name.
enum StillFormat: Sendable {
    case jpeg, png, webp

    init?(firstBytes bytes: [UInt8]) {
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if bytes.starts(with: Array("RIFF".utf8)),
            bytes.dropFirst(8).starts(with: "WEBP".utf8)
        {
            self = .webp
        } else {
            return nil
        }
    }

    var codec: AVCodecID {
        switch self {
        case .jpeg: AV_CODEC_ID_MJPEG
        case .png: AV_CODEC_ID_PNG
        case .webp: AV_CODEC_ID_WEBP
        }
    }
}

/// A picture file: decoded as one packet, without a demuxer between.
struct StillPicture {
    let format: StillFormat
    let frame: Frame
    let orientation: Orientation

    /// Tells whether a file is a picture; throws if it cannot be opened or is empty.
    static func format(of path: String) throws(MediaError) -> StillFormat? {
        StillFormat(firstBytes: try read(path, limit: 16))
    }

    init(path: String, format: StillFormat) throws(MediaError) {
        let bytes = try Self.read(path, limit: nil)
        let decoder = try StreamDecoder(still: format.codec, path: path)
        let packet = try Packet(bytes, path: path)
        let frame = try Frame(path: path)
        guard decoder.decode(packet, into: frame), !frame.isDamaged else {
            throw MediaError(
                kind: .undecodable,
                file: path,
                problem: "the picture is damaged or cut short",
                fix: "copy or export it again (animated WebP is not supported)"
            )
        }
        self.format = format
        self.frame = frame
        orientation = ExifOrientation(bytes).read(format)
    }

    private static func read(_ path: String, limit: Int?) throws(MediaError) -> [UInt8] {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard exists, !isFolder.boolValue, let handle = FileHandle(forReadingAtPath: path) else {
            throw MediaError.notReadable(path, isFolder: exists && isFolder.boolValue)
        }
        let data: Data?
        do {
            data = try limit.map { try handle.read(upToCount: $0) } ?? handle.readToEnd()
        } catch {
            throw MediaError(
                kind: .notFound,
                file: path,
                problem: "the file cannot be read (\(error))",
                fix: "check the disk and the file's permissions"
            )
        }
        guard let data, !data.isEmpty else {
            throw MediaError(
                kind: .notMedia,
                file: path,
                problem: "the file is empty",
                fix: "copy or export it again"
            )
        }
        return [UInt8](data)
    }
}

extension MediaError {
    static func notReadable(_ path: String, isFolder: Bool) -> MediaError {
        isFolder
            ? MediaError(
                kind: .notMedia,
                file: path,
                problem: "this is a folder, not a file",
                fix: "name a file inside it"
            )
            : MediaError(
                kind: .notFound,
                file: path,
                problem: "there is no file that can be read",
                fix: "check the path and the file's permissions"
            )
    }
}

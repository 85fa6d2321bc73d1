internal import CFFmpeg
internal import Foundation

/// A file that is written beside its place and appears there whole, or not at all.
struct DraftFile {
    /// Where the file will be.
    let path: String
    /// Where it is written.
    var draftPath: String { path + ".partial" }

    init(_ path: String) throws(MediaError) {
        self.path = path
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard exists, isFolder.boolValue else { return }
        throw .cannotWrite(path, "this is a folder", "name a file in it")
    }

    /// Puts the finished file into its place, instead of what may be there.
    func commit() throws(MediaError) {
        guard rename(draftPath, path) == 0 else {
            let status = -errno
            discard()
            throw .writing(path, status)
        }
    }

    /// Removes what has been written.
    func discard() { unlink(draftPath) }

    /// Writes a whole file at once.
    func write(_ bytes: [UInt8]) throws(MediaError) {
        guard let file = fopen(draftPath, "wb") else { throw .writing(path, -errno) }
        let count = fwrite(bytes, 1, bytes.count, file)
        var status = count == bytes.count ? 0 : -errno
        // What the library still holds is written here, and may find the disk full.
        if fclose(file) != 0, status == 0 { status = -errno }
        guard status == 0 else {
            discard()
            throw .writing(path, status)
        }
        try commit()
    }
}

extension MediaError {
    static func cannotWrite(_ file: String, _ problem: String, _ fix: String) -> MediaError {
        MediaError(kind: .notWritable, file: file, problem: problem, fix: fix)
    }

    /// A status of the system or of FFmpeg while a file is written.
    static func writing(_ file: String, _ status: Int32) -> MediaError {
        switch status {
        case cffmpeg_error_no_space:
            cannotWrite(file, "the disk is full", "free space or write to another disk")
        case cffmpeg_error_access, cffmpeg_error_not_permitted, cffmpeg_error_read_only:
            cannotWrite(
                file,
                "the file may not be written there",
                "choose another folder or change its permissions"
            )
        case cffmpeg_error_no_entry:
            cannotWrite(file, "its folder does not exist", "make the folder first")
        case cffmpeg_error_memory:
            outOfMemory(file)
        default:
            cannotWrite(
                file,
                "it cannot be written (\(ffmpegMessage(status)))",
                "write to another folder or disk"
            )
        }
    }
}

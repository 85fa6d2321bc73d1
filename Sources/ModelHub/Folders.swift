import Foundation
import Glibc

/// Creating folders and reading what is in them.
enum Folders {
    static func create(_ path: String) throws(ModelHubError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true
            )
        } catch {
            throw unwritable(path, (error as? CocoaError)?.posixCode ?? EACCES)
        }
    }

    /// All files below a folder, relative to it and sorted; none if there is no such folder.
    ///
    /// Links that point to nothing and hidden files are left out.
    static func files(below folder: String) -> [String] {
        guard let found = FileManager.default.enumerator(atPath: folder) else { return [] }
        return found.compactMap { $0 as? String }.filter { path in
            let isHidden = path.split(separator: "/").contains { $0.hasPrefix(".") }
            return !isHidden && isFile("\(folder)/\(path)")
        }.sorted()
    }

    static func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            && !isFolder.boolValue
    }

    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            && isFolder.boolValue
    }

    /// Size of a file in bytes; 0 if there is none.
    static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    static func unwritable(_ path: String, _ code: Int32) -> ModelHubError {
        let reason = String(cString: strerror(code))
        guard code == ENOSPC || code == EDQUOT else {
            return ModelHubError(
                .unwritable,
                at: path,
                "cannot be written (\(reason)), should be writable",
                fix: "check its permissions, or set HF_HOME or MODELS_PATH to another folder"
            )
        }
        return ModelHubError(
            .diskFull,
            at: path,
            "does not fit on the disk (\(reason)), should fit",
            fix: "free some space, or set HF_HOME or MODELS_PATH to a folder on another disk"
        )
    }
}

extension CocoaError {
    /// The system's own code, where Foundation passes it on.
    fileprivate var posixCode: Int32? {
        (userInfo[NSUnderlyingErrorKey] as? POSIXError)?.code.rawValue
    }
}

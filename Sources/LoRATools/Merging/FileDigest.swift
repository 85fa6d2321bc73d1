import Crypto
import Foundation
import Safetensors
import Synchronization

/// SHA-256 of a whole file.
enum FileDigest {
    /// Sixty-four hexadecimal digits.
    ///
    /// - Throws: what the system says; `CancellationError` once the task is cancelled.
    static func hex(path: String) throws -> String {
        try hex(of: SafetensorsFile(path: path)) { Task.isCancelled }
    }

    /// The same beside other work: it takes a core for as long as it reads, so it must not take a shared thread.
    static func hexOnOwnThread(_ file: SafetensorsFile) async throws -> String {
        let stop = Stop()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let thread = Thread {
                    continuation.resume(with: Result { try hex(of: file) { stop.isAsked } })
                }
                thread.name = "hashing"
                thread.start()
            }
        } onCancel: {
            stop.ask()
        }
    }

    private static func hex(of file: SafetensorsFile, isCancelled: () -> Bool) throws -> String {
        var hash = SHA256()
        for start in stride(from: 0, to: file.fileSize, by: step) {
            guard !isCancelled() else { throw CancellationError() }
            file.withFileBytes(in: start..<start + step) { hash.update(bufferPointer: $0) }
        }
        return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static let step = 8 << 20
}

/// A wish that a thread cannot see by itself.
private final class Stop: Sendable {
    private let asked = Atomic(false)

    var isAsked: Bool { asked.load(ordering: .relaxed) }

    func ask() { asked.store(true, ordering: .relaxed) }
}

import CProcess
import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// A process that this one started.
struct ChildProcess {
    /// How it ended.
    struct Ending {
        var exitStatus: Int32?
        var signal: Int32?
        var peakBytes = 0
    }

    let pid: Int32

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - executable: its file.
    ///   - arguments: without its name.
    ///   - folder: where it works.
    ///   - log: what it prints is appended to this file.
    ///   - isSession: whether it goes on when this process's terminal is closed.
    /// - Throws: `JobControlError.cannotStart`.
    init(
        _ executable: String,
        _ arguments: [String],
        in folder: String,
        log: String,
        isSession: Bool
    ) throws(JobControlError) {
        var texts: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) }
        defer { for text in texts { free(text) } }
        texts.append(nil)
        var started: Int32 = 0
        let problem = process_start(executable, texts, folder, log, isSession, &started)
        guard problem == 0 else {
            throw .cannotStart(executable, String(cString: strerror(problem)))
        }
        pid = started
    }

    /// Waits for its end.
    func wait() -> Ending {
        var status: Int32 = 0
        var usage = rusage()
        while wait4(pid, &status, 0, &usage) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return Ending(
            exitStatus: signal == 0 ? (status >> 8) & 0xFF : nil,
            signal: signal == 0 ? nil : signal,
            peakBytes: usage.ru_maxrss << 10
        )
    }

    /// Lets the system forget a child that has ended; true if it has.
    static func isReaped(_ pid: Int32) -> Bool {
        var status: Int32 = 0
        let found = waitpid(pid, &status, WNOHANG)
        return found == pid || (found < 0 && errno == ECHILD)
    }
}

import Foundation
import ModelHub
import TrainingRun

#if canImport(Glibc)
import Glibc
#endif

/// Standard output with one line at its end that changes in place, where that is a terminal.
///
/// Past the buffers of `print`: what is shown is shown at once, and a pipe gets whole lines.
final class LiveLine {
    /// Whether lines can change in place.
    let isTerminal = isatty(STDOUT_FILENO) != 0
    private var hasLiveLine = false

    /// Changes the live line; a pipe does not get it.
    func live(_ text: String) {
        guard isTerminal else { return }
        put("\r\u{1B}[2K" + text.prefix(width - 1))
        hasLiveLine = true
    }

    /// Writes a line that stays.
    func write(_ text: String) {
        put((hasLiveLine ? "\r\u{1B}[2K" : "") + text + "\n")
        hasLiveLine = false
    }

    /// Takes the live line away, so that other text can follow.
    func end() {
        if hasLiveLine { put("\r\u{1B}[2K") }
        hasLiveLine = false
    }

    private func put(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }

    private var width: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else {
            return 100
        }
        return Int(size.ws_col)
    }
}

extension DownloadProgress {
    /// Reads `downloading model.safetensors: 1.2 GB of 40 GB, 3 %`.
    var text: String {
        let share = totalBytes > 0 ? receivedBytes * 100 / totalBytes : 0
        return "downloading \(file): \(receivedBytes.inBytes) of \(totalBytes.inBytes), \(share) %"
    }
}

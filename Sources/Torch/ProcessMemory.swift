import Foundation

/// Resident memory of this process, as the kernel counts it.
public enum ProcessMemory {
    /// Bytes resident now.
    public static var resident: Int { status("VmRSS:") }

    /// Highest resident bytes since the start or the last reset.
    public static var peak: Int { status("VmHWM:") }

    /// Starts a new count of the peak; where the kernel does not allow that, the old count goes on.
    public static func resetPeak() {
        guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return }
        file.write(Data("5".utf8))
        file.closeFile()
    }

    private static func status(_ field: String) -> Int {
        guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
            return 0
        }
        let line = text.split(separator: "\n").first { $0.hasPrefix(field) }
        let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
        return (kilobytes.flatMap { Int($0) } ?? 0) * 1024
    }
}

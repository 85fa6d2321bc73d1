import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// A process that is told from later ones with the same number.
public struct ProcessIdentity: Codable, Equatable, Sendable {
    /// Its number.
    public let pid: Int32
    /// When it was started, in clock ticks since the machine was.
    public let startTicks: UInt64
    /// Names the time since the machine was started.
    public let bootID: String

    /// Looks a living process up; nil if there is none, or only what its parent has not seen end.
    public init?(pid: Int32) {
        guard let ticks = Self.startTicks(of: pid) else { return nil }
        self.pid = pid
        startTicks = ticks
        bootID = Self.currentBootID
    }

    /// Whether it is still at work.
    public var isAlive: Bool {
        bootID == Self.currentBootID && Self.startTicks(of: pid) == startTicks
    }

    /// Whether the machine was started anew since.
    public var isOfEarlierBoot: Bool { bootID != Self.currentBootID }

    /// Sends a signal, if it is still the same process; false if not.
    @discardableResult
    public func send(_ signal: Int32) -> Bool { isAlive && kill(pid, signal) == 0 }

    /// The machine's own name for the time since it was started.
    public static let currentBootID: String = {
        let text = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        return text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    }()

    /// Fields 3 (state) and 22 of `/proc/PID/stat`; the name before them may hold anything.
    private static func startTicks(of pid: Int32) -> UInt64? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let name = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: name)...].split(separator: " ")
        guard fields.count > 19, !["Z", "X"].contains(fields[0]) else { return nil }
        return UInt64(fields[19])
    }
}

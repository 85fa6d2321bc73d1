import Foundation

/// How often the system has ended a process because memory ran out.
enum MemoryKills {
    /// Counted for this process's control group where there is one, else for the machine; 0 where nobody counts.
    static var count: Int { groupCount ?? value(of: "oom_kill", in: "/proc/vmstat") ?? 0 }

    private static var groupCount: Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::") })
        else { return nil }
        return value(of: "oom_kill", in: "/sys/fs/cgroup\(line.dropFirst(3))/memory.events")
    }

    private static func value(of name: String, in path: String) -> Int? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.flatMap { Int($0.dropFirst(name.count + 1)) }
    }
}

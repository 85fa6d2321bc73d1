import CDispatch
import Foundation
import Glibc

/// The machine as it is now.
public struct SystemFacts: Codable, Sendable, Equatable {
    /// A processor that can train.
    public struct Device: Codable, Sendable, Equatable {
        /// As run files name it: `cpu`, `cuda:0`.
        public let id: String
        /// Its maker's name.
        public let name: String
        /// Bytes of its memory.
        public let memoryTotal: Int64
        /// Bytes of it in use.
        public let memoryUsed: Int64
        /// Share of its time that it was busy, 0 to 1; nil if it cannot be asked.
        public let load: Double?
        /// Degrees Celsius; nil if it cannot be asked.
        public let temperature: Double?
    }

    /// A root's disk.
    public struct Disk: Codable, Sendable, Equatable {
        /// The root's path.
        public let path: String
        /// Bytes that it holds.
        public let total: Int64
        /// Bytes that are free.
        public let free: Int64
    }

    /// The CPU first.
    public let devices: [Device]
    /// Processes that wanted a core, on average over 1, 5 and 15 minutes.
    public let load: [Double]
    /// Cores that this process may use.
    public let cores: Int
    /// The disks of the roots.
    public let disks: [Disk]
    /// Versions by name: `likeness`, `system`, `nvidia driver`.
    public let versions: [String: String]
    /// What could not be asked, and why.
    public let notes: [String]

    /// Asks the machine; a graphics card's program gets a few seconds.
    static func now(versions known: [String: String], folders: [String]) async -> SystemFacts {
        let nvidia = await NvidiaDevices.now()
        var versions = known
        versions["system"] = ProcessInfo.processInfo.operatingSystemVersionString
        versions["nvidia driver"] = nvidia.driver
        return SystemFacts(
            devices: [ProcessorFacts.device] + nvidia.devices,
            load: ProcessorFacts.load,
            cores: ProcessInfo.processInfo.activeProcessorCount,
            disks: disks(of: folders),
            versions: versions,
            notes: nvidia.note.map { [$0] } ?? []
        )
    }
}

extension SystemFacts {
    /// The disks that folders lie on, each once, by the first folder on it.
    private static func disks(of folders: [String]) -> [Disk] {
        var seen: Set<UInt64> = []
        return folders.compactMap { path in
            var status = stat()
            guard stat(path, &status) == 0, seen.insert(UInt64(status.st_dev)).inserted else {
                return nil
            }
            return DiskSpace(at: path).map { Disk(path: path, total: $0.total, free: $0.free) }
        }
    }
}

/// What Linux says about processor and memory.
enum ProcessorFacts {
    static var device: SystemFacts.Device {
        let total = bytes("MemTotal")
        let cores = Double(max(ProcessInfo.processInfo.activeProcessorCount, 1))
        return SystemFacts.Device(
            id: "cpu",
            name: value("model name", in: text("/proc/cpuinfo")) ?? "CPU",
            memoryTotal: total,
            memoryUsed: total - bytes("MemAvailable"),
            load: load.first.map { min($0 / cores, 1) },
            temperature: nil
        )
    }

    static var load: [Double] {
        text("/proc/loadavg").split(separator: " ").prefix(3).compactMap { Double($0) }
    }

    private static func bytes(_ key: String) -> Int64 {
        let line = value(key, in: text("/proc/meminfo")) ?? ""
        return (line.split(separator: " ").first.flatMap { Int64($0) } ?? 0) * 1024
    }

    private static func value(_ key: String, in text: String) -> String? {
        let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
        return line?.split(separator: ":", maxSplits: 1).last?
            .trimmingCharacters(in: .whitespaces)
    }

    private static func text(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

import Foundation

/// NVIDIA's cards, as the driver's own program lists them.
struct NvidiaDevices: Sendable {
    var devices: [SystemFacts.Device] = []
    var driver: String?
    /// Why there may be cards that are not listed.
    var note: String?

    private static let fields =
        "index,name,memory.total,memory.used,utilization.gpu,temperature.gpu,driver_version"

    /// Asks `nvidia-smi`, where there is one.
    static func now() async -> NvidiaDevices {
        let places = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(
            separator: ":"
        )
        let program = places.map { "\($0)/nvidia-smi" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let program else { return NvidiaDevices() }
        let arguments = ["--query-gpu=\(fields)", "--format=csv,noheader,nounits"]
        do {
            return NvidiaDevices(
                listing: try await output(of: program, arguments, within: .seconds(5))
            )
        } catch {
            return NvidiaDevices(note: "nvidia-smi: \(error)")
        }
    }

    init(note: String? = nil) { self.note = note }

    /// Reads one line per card; what is not a number there (`[N/A]`) is left out.
    init(listing: String) {
        for line in listing.split(separator: "\n") {
            let parts = line.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 7, let total = Int64(parts[2]), let used = Int64(parts[3]) else {
                continue
            }
            devices.append(
                SystemFacts.Device(
                    id: "cuda:\(parts[0])",
                    name: parts[1],
                    memoryTotal: total << 20,
                    memoryUsed: used << 20,
                    load: Double(parts[4]).map { $0 / 100 },
                    temperature: Double(parts[5])
                )
            )
            driver = parts[6]
        }
    }

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static func output(
        of program: String,
        _ arguments: [String],
        within time: Duration
    ) async throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        let (ends, end) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { ended in
            end.yield(ended.terminationStatus)
            end.finish()
        }
        try process.run()
        let id = process.processIdentifier
        let clock = Task {
            try await Task.sleep(for: time)
            kill(id, SIGKILL)
        }
        defer { clock.cancel() }
        var status: Int32 = 0
        for await code in ends { status = code }
        guard status == 0 else { throw Failure(description: "ended with status \(status)") }
        // A few hundred bytes, which the pipe holds.
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        return String(decoding: data, as: UTF8.self)
    }
}

import Foundation
import HTTPTypes
import JobControl
import RunStore

/// What happens to a task.
enum TaskEvent: Sendable {
    case line(task: String, String)
    case ended(TaskRecord)
    case behind
}

/// Runs tasks, each in a process of its own, a few at a time; they end with the server.
actor TaskRunner {
    /// Tasks at work at once; each may hold a model in memory.
    static let most = 8
    /// Bytes of a line that are kept.
    private static let lineLimit = 64 << 10
    /// Lines of a task that are kept.
    static let lineCount = 200

    private struct Work {
        let process: Process
        var lines: [String] = []
        var isCancelled = false
    }

    private let database: RunDatabase
    private var store: TaskStore { database.tasks }
    private let roots: Roots
    private let home: String
    private let program: String
    private var atWork: [String: Work] = [:]
    private var finished: [(id: String, lines: [String])] = []
    nonisolated let broadcast = EventBroadcast<TaskEvent>(behind: .behind)

    /// - Throws: `StoreError`.
    init(database: RunDatabase, roots: Roots, home: String, program: String) throws {
        self.database = database
        self.roots = roots
        self.home = home
        self.program = program
        let fault =
            #"{"where": "task", "message": "the studio ended before it", "fix": "start it again"}"#
        try database.tasks.endAllRunning(result: fault)
    }

    /// Starts a task and returns its record.
    ///
    /// - Parameters:
    ///   - kind: what to do.
    ///   - arguments: what the page sent, as JSON, for the record.
    /// - Returns: the record.
    /// - Throws: `StudioError` for arguments that are not allowed and for too many tasks at once; `StoreError`.
    func start(_ kind: some TaskKind, arguments: String) throws -> TaskRecord {
        let record = TaskRecord(
            id: UUID().uuidString.lowercased(),
            kind: type(of: kind).name,
            arguments: arguments
        )
        guard atWork.count < Self.most else {
            throw StudioError(
                .conflict,
                "task",
                "is one too many: \(Self.most) are at work",
                fix: "wait until one has ended, or cancel one"
            )
        }
        let folder = TaskFolder(path: "\(home)/tasks/\(record.id)")
        let scene = TaskScene(folder: folder, roots: roots, jobs: database.jobs)
        let command = try kind.command(in: scene)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = command.arguments
        process.currentDirectoryURL = roots.folders.first.map { URL(fileURLWithPath: $0.path) }
        process.standardInput = FileHandle.nullDevice
        let (output, messages) = (Pipe(), Pipe())
        process.standardOutput = command.printsJSON ? output : messages
        process.standardError = messages
        try process.run()
        try store.add(record)
        atWork[record.id] = Work(process: process)
        let id = record.id
        Task.detached { [self] in
            async let told: Void = read(messages, of: id)
            let text = command.printsJSON ? await Self.text(of: output) : Data()
            await told
            process.waitUntilExit()
            await end(id, text, command)
        }
        return record
    }

    /// Ends a task's process; it counts as cancelled.
    func cancel(_ id: String) throws -> TaskRecord {
        atWork[id]?.isCancelled = true
        atWork[id]?.process.interrupt()
        return try store.task(id)
    }

    /// Ends what is still at work, as the server does.
    func endAll() {
        for work in atWork.values { work.process.interrupt() }
    }

    /// The last lines that a task told.
    func lines(of id: String) -> [String] {
        atWork[id]?.lines ?? finished.last { $0.id == id }?.lines ?? []
    }

    /// Everything a process prints to a pipe; read on a thread of its own.
    private static func text(of pipe: Pipe) async -> Data {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let data = (try? pipe.fileHandleForReading.readToEnd()) ?? nil
                continuation.resume(returning: data ?? Data())
            }
        }
    }

    private func read(_ pipe: Pipe, of id: String) async {
        let lines = AsyncStream<String> { continuation in
            Thread.detachNewThread {
                var rest = Data()
                let file = pipe.fileHandleForReading
                while let data = try? file.read(upToCount: 4096), !data.isEmpty {
                    rest += data
                    let parts = rest.split(omittingEmptySubsequences: false) {
                        $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r")
                    }
                    for part in parts.dropLast() where !part.isEmpty {
                        continuation.yield(String(decoding: part, as: UTF8.self))
                    }
                    rest = parts.last.map { Data($0) } ?? Data()
                    // A line without end must not fill the memory.
                    if rest.count >= Self.lineLimit {
                        continuation.yield(String(decoding: rest, as: UTF8.self))
                        rest = Data()
                    }
                }
                if !rest.isEmpty { continuation.yield(String(decoding: rest, as: UTF8.self)) }
                continuation.finish()
            }
        }
        for await line in lines { told(line, by: id) }
    }

    private func told(_ line: String, by id: String) {
        atWork[id]?.lines.append(line)
        if let count = atWork[id]?.lines.count, count > Self.lineCount {
            atWork[id]?.lines.removeFirst(count - Self.lineCount)
        }
        broadcast.send(.line(task: id, line))
    }

    private func end(_ id: String, _ output: Data, _ command: TaskCommand) {
        guard let work = atWork.removeValue(forKey: id) else { return }
        finished.append((id, work.lines))
        if finished.count > 50 { finished.removeFirst() }
        let isWell =
            work.process.terminationReason == .exit
            && command.goodStatuses.contains(work.process.terminationStatus)
        let state: TaskRecord.State =
            isWell ? .completed : work.isCancelled ? .cancelled : .failed
        let outcome = TaskOutcome(output: output, lines: work.lines, command: command, roots: roots)
        do {
            try store.end(id, state, result: isWell ? outcome.result : outcome.fault)
            broadcast.send(.ended(try store.task(id)))
        } catch {
            broadcast.send(.line(task: id, "\(error)"))
        }
    }
}

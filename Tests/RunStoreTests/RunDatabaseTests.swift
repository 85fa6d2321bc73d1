import Foundation
import GRDB
import Testing

@testable import RunStore

/// Opening the studio's data base.
@Suite("Run data base") struct RunDatabaseTests {
    private let scene: StoreScene

    init() throws { scene = try StoreScene() }

    @Test("what was kept is there after opening the file again")
    func reopened() throws {
        try scene.job("a")
        try scene.database.settings.set("dark", for: "theme")
        let again = try RunDatabase(path: scene.database.path)
        #expect(try again.jobs.all().map(\.id) == ["a"])
        #expect(try again.jobs.runFile(of: "a") == "# a")
        #expect(try again.settings.value("theme") == "dark")
        try again.settings.set(nil, for: "theme")
        #expect(try scene.database.settings.value("theme") == nil)
    }

    @Test("a file of a newer version is refused and stays as it is")
    func newer() throws {
        let path = scene.folder + "/newer.sqlite"
        let queue = try DatabaseQueue(path: path)
        try queue.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
                    INSERT INTO grdb_migrations VALUES ('1'), ('a later one');
                    """
            )
        }
        let error = #expect(throws: StoreError.newer(path)) { try RunDatabase(path: path) }
        #expect(
            error?.description
                == "\(path): was written by a newer version of likeness, which this one cannot read; "
                + "update likeness, or move the file away (runs and their files stay where they are)"
        )
        let tables = try queue.read { db in
            try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        #expect(tables == ["grdb_migrations"])
    }

    @Test("a damaged file is refused with what to do, and can be moved aside")
    func damaged() throws {
        let path = scene.folder + "/damaged.sqlite"
        try Data(repeating: 7, count: 8192).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: StoreError.self) { try RunDatabase(path: path) }
        #expect(
            error?.description
                == "\(path): is damaged (file is not a database); move it away with its -wal and -shm beside it, "
                + "and a new one is made: runs and their files stay where they are"
        )
        #expect(try RunDatabase.moveAside(path: path) == path + ".1")
        #expect(try RunDatabase(path: path).jobs.all().isEmpty)
        #expect(FileManager.default.contents(atPath: path + ".1")?.count == 8192)
        #expect(try RunDatabase.moveAside(path: path + "-none") == nil)
    }

    @Test("a folder that is not there is said")
    func noFolder() throws {
        let path = scene.folder + "/none/studio.sqlite"
        let error = #expect(throws: StoreError.self) { try RunDatabase(path: path) }
        #expect(
            error?.description.hasPrefix("\(path): cannot be used (unable to open database file")
                == true
        )
        #expect(error?.description.hasSuffix("or give another folder with --home") == true)
    }

    @Test("tasks end once, and those that a server left behind have failed")
    func tasks() throws {
        let tasks = scene.database.tasks
        for id in ["a", "b"] { try tasks.add(TaskRecord(id: id, kind: "plan", arguments: "{}")) }
        try tasks.end("a", .completed, result: "[1]")
        try tasks.end("a", .failed, result: nil)
        try tasks.endAllRunning(result: "\"the server ended\"")
        #expect(try tasks.task("a").state == .completed)
        #expect(try tasks.task("a").result == "[1]")
        #expect(try tasks.task("b").state == .failed)
        #expect(try tasks.task("b").endedAt != nil)
        #expect(Set(try tasks.latest().map(\.id)) == ["a", "b"])
        let error = #expect(throws: StoreError.noTask("c")) { try tasks.task("c") }
        #expect(error?.description == "tasks: there is no task \"c\"; start it again")
    }
}

import Foundation
import HTTPTypes
import HummingbirdTesting
import RunConfig
import RunStore
import Testing

@testable import Studio

/// Folders of clips as jobs see them: their check, their trigger word, their held-out clips.
@Suite("Folders as jobs see them") struct FolderCheckTests {
    private static let job = """
        job: extension
        config:
          name: anna
          process:
            - type: sd_trainer
              trigger_word: ohwx
              datasets:
                - folder_path: clips
                  resolution: [256]
                - folder_path: others
              train:
                validation_split: 0.1
              model:
                name_or_path: tiny.safetensors
        """

    @Test("the folder takes the place of the job's folders, and its marks that of the job's choice")
    func likeAJob() throws {
        let folder = NSTemporaryDirectory() + "folder-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let unmarked = RunFile.values(in: try FolderRunFile(folder: folder, like: Self.job).text)
        #expect(unmarked["datasets[0].folder_path"] == .text(folder))
        #expect(unmarked["datasets[1].folder_path"] == nil)
        #expect(unmarked["model.name_or_path"] == .text("tiny.safetensors"))
        #expect(unmarked["train.validation_split"] == nil && unmarked["train.held_out"] == nil)
        var marks = HeldOutMarks(folder: folder)
        try marks.set("b.mp4", true)
        let marked = RunFile.values(in: try FolderRunFile(folder: folder, like: Self.job).text)
        #expect(marked["train.held_out"] == .list([.text("b.mp4")]))
    }

    @Test("without a job a new file's settings count, without its trigger word")
    func withoutAJob() throws {
        let text = try FolderRunFile(folder: "/clips", like: nil).text
        let values = RunFile.values(in: text)
        #expect(values["trigger_word"] == nil && values["preset"] == .text("face+voice"))
        let faults = RunFileCheck(text).diagnostics.filter { $0.severity == .error }
        #expect(faults.isEmpty, "\(faults)")
    }

    @Test("a new run file has no fault of its own")
    func template() {
        let faults = RunFileCheck(RunFile.template).diagnostics
        #expect(faults.filter { $0.severity != .note }.isEmpty, "\(faults)")
    }

    @Test("the newest check of a folder and the trigger word of its job are shown with its clips")
    func history() async throws {
        let box = Box()
        let studio = try TestStudio(routes: { roots in
            let home = try #require(roots.folders.last?.path)
            let database = try RunDatabase(path: home + "/studio.sqlite")
            box.database = database
            let tasks = try TaskRoutes(
                database: database,
                roots: roots,
                home: home,
                program: "/bin/echo"
            )
            return [tasks, DatasetRoutes(roots: roots, tasks: tasks)]
        })
        let database = try #require(box.database)
        let place = studio.root
        try database.jobs.add(
            Job(
                id: "1",
                name: "anna",
                device: "cpu",
                folder: place + "/output/anna",
                totalSteps: 10
            ),
            runFile: Self.job
        )
        let arguments = #"{"folder": "0/clips", "job": null}"#
        try database.tasks.add(TaskRecord(id: "t", kind: "check", arguments: arguments))
        try database.tasks.end("t", .completed, result: #"{"face": "yes"}"#)
        try await studio.serve { browser in
            let shown = try await browser.get("/api/datasets/0/clips").object()
            #expect((shown["review"] as? [String: Any])?["face"] as? String == "yes")
            #expect(shown["trigger"] as? String == "ohwx")
        }
    }

    @Test("what a file's folders mark as held out is told with its faults")
    func marks() async throws {
        let studio = try TestStudio()
        try studio.write("b.mp4\n", to: "root/clips/held_out.txt")
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            let body = try JSONSerialization.data(withJSONObject: ["yaml": Self.job])
            let answer = try await ours.send(
                .post,
                "/api/run-files/check",
                body: String(decoding: body, as: UTF8.self)
            ).object()
            #expect(answer["heldOut"] as? [String] == ["b.mp4"])
        }
    }

    private final class Box: @unchecked Sendable {
        var database: RunDatabase?
    }
}

import Foundation
import RunConfig
import Testing

@Suite("Clips that are measured only") struct HeldOutTests {
    private func run(_ lines: [String]) throws -> RunFile {
        var text = RunFileText()
        text.train += lines
        return try text.parse()
    }

    @Test("a share, names, or a folder; measured every hundred steps, the best kept")
    func ways() throws {
        #expect(try run(["validation_split: 0.2"]).train.heldOut == .ratio(0.2))
        #expect(try run(["held_out: 0.2"]).train.heldOut == .ratio(0.2))
        #expect(try run(["held_out: [a.mp4]"]).train.heldOut == .clips(["a.mp4"]))
        let train = try run(["validation_folder: held"]).train
        #expect(train.heldOut == .folder("held"))
        #expect(train.heldOutEvery == 100 && train.keepBest)
        #expect(try run(["validation_split: 0.2", "keep_best: false"]).train.keepBest == false)
    }

    @Test("only one way at a time")
    func onlyOne() throws {
        var text = RunFileText()
        text.train += ["validation_folder: held", "held_out: 0.1"]
        #expect(
            text.messages == [
                "train.validation_folder: says what is held out, beside held_out; keep one of them"
            ]
        )
        text.train = ["steps: 5", "validation_folder: held", "validation_split: 0.1"]
        #expect(
            text.messages == [
                "train.validation_folder: says what is held out, beside validation_split; keep one of them"
            ]
        )
    }

    @Test("a folder that is missing, empty, a file, or trained on")
    func folders() throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "held-\(UUID())")
        defer { try? FileManager.default.removeItem(at: root) }
        for folder in ["clips/held", "clips2", "empty"] {
            try FileManager.default.createDirectory(
                at: root.appending(path: folder),
                withIntermediateDirectories: true
            )
        }
        for file in ["clips/a.mp4", "clips/held/b.mp4", "clips2/c.mp4"] {
            try Data().write(to: root.appending(path: file))
        }
        let clips = root.appending(path: "clips").path
        let cases: [(folder: String, message: String?)] = [
            ("gone", "does not exist; check the path"),
            ("empty", "holds no clips and no images; check the path"),
            ("clips/a.mp4", "is a file, expected a folder; name the folder that it is in"),
            (
                "clips/held",
                "is trained on too, as a part of \"\(clips)\"; move it out of the dataset's folder"
            ),
            (
                "clips2/../clips",
                "is trained on too, as a part of \"\(clips)\"; move it out of the dataset's folder"
            ),
            ("clips2", nil),
        ]
        for (folder, message) in cases {
            var text = RunFileText()
            text.dataset = ["folder_path: \(clips)", "num_frames: 9"]
            let path = "\(root.path)/\(folder)"
            text.train.append("validation_folder: \(path)")
            let found = try text.parse().validatePaths().map(\.description)
            let expected = message.map {
                "job.yaml:12: train.validation_folder: \"\(path)\" \($0)"
            }
            #expect(found == [expected].compactMap(\.self))
        }
    }
}

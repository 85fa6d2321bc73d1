import Foundation
import JobControl
import Testing

/// Reading logs in parts.
@Suite("Log tail") struct LogTailTests {
    private let scene: JobScene
    private var path: String { scene.folder + "/log.txt" }

    init() throws { scene = try JobScene() }

    @Test("parts give the whole text, no character is cut", arguments: 4...9)
    func parts(limit: Int) throws {
        let text = "a→ü🎬b\nZwölf Schritte… 🎙🎙\n"
        try scene.write(text, to: "log.txt")
        var (read, place) = ("", 0)
        while true {
            let part = try LogTail.read(path, from: place, limit: limit)
            guard part.next > place else { break }
            read += part.text
            place = part.next
        }
        #expect(read == text && place == text.utf8.count)
    }

    @Test("a place before the start counts from the end, one beyond the end is the start")
    func places() throws {
        try scene.write("0123456789", to: "log.txt")
        #expect(try LogTail.read(path, from: -3).text == "789")
        #expect(try LogTail.read(path, from: -30).text == "0123456789")
        #expect(try LogTail.read(path, from: 11).start == 0)
        #expect(try LogTail.read(path, from: 10).text == "")
        #expect(try LogTail.read(path + "-none", from: 5).next == 0)
    }

    @Test("the last lines are those that say something")
    func lines() throws {
        try scene.write("a\n\nb\r\n  c  \n\n", to: "log.txt")
        #expect(try LogTail.lastLines(path, count: 2) == ["b", "c"])
    }
}

import Foundation
import Synchronization
import Testing

@testable import ClipData

@Suite struct DiscoveryTests {
    private let scratch: ScratchFolder
    private var rules: DatasetRules { TestClips.rules(scratch.path) }

    init() throws { scratch = try ScratchFolder() }

    @Test("files come sorted, from all depths, in any case of their endings")
    func sorted() throws {
        let names = [
            "b.MP4", "a.mov", "sub/deep/c.WebM", "sub/a.jpg", "z.mkv", "notes.txt", ".hidden.mp4",
            ".folder/x.mp4", "_controls/y.mp4", "_latent_cache/l.mp4", "_t_e_cache/t.mp4",
            "song.mp3", "sub/_controls/z.png", "d.PNG", "e.jpeg", "f.webp", "g.avi", "h.wmv",
            "i.m4v", "j.flv",
        ]
        for name in names { try scratch.write("x", to: name) }
        #expect(
            try rules.findFiles().map(\.name) == [
                "a.mov", "b.MP4", "d.PNG", "e.jpeg", "f.webp", "g.avi", "h.wmv", "i.m4v", "j.flv",
                "sub/a.jpg", "sub/deep/c.WebM", "z.mkv",
            ]
        )
    }

    @Test("a link that leads back upwards does not trap the search")
    func links() throws {
        try scratch.write("x", to: "sub/a.mp4")
        try FileManager.default.createSymbolicLink(
            atPath: scratch.file("sub/up"),
            withDestinationPath: scratch.path
        )
        #expect(try rules.findFiles().map(\.name) == ["sub/a.mp4"])
    }

    @Test("a folder that is not there is named with its key")
    func absent() {
        let error = #expect(throws: ClipDataError.self) {
            try DatasetRules(path: "/no/such/folder").findFiles()
        }
        #expect(
            error?.description == """
                datasets[0] /no/such/folder: is not there, should be a folder of clips or a JSON \
                list; correct folder_path
                """
        )
    }

    @Test("a JSON list names the files and their captions")
    func list() throws {
        try scratch.write("x", to: "a.mp4")
        let json = #"{"a.mp4": {"caption": "long", "caption_short": "short"}, "b.mp4": {}}"#
        var rules = TestClips.rules(try scratch.write(json, to: "list.json"))
        let files = try rules.findFiles()
        #expect(files.map(\.path) == [scratch.file("a.mp4"), "b.mp4"])
        #expect(try rules.caption(of: files[0]).raw == "long")
        rules.usesShortCaptions = true
        #expect(try rules.caption(of: rules.findFiles()[0]).raw == "short")
        #expect(try rules.caption(of: rules.findFiles()[1]).raw == "")
    }

    @Test("a list that is not JSON is told with an example")
    func badList() throws {
        let path = try scratch.write("a.mp4", to: "list.json")
        let error = #expect(throws: ClipDataError.self) { try TestClips.rules(path).findFiles() }
        #expect(error?.problem.contains(#"should be JSON like {"a.mp4""#) == true)
    }

    @Test("captions are read as they are; a blank one gives way to the default")
    func captions() throws {
        for name in ["a.mp4", "b.mp4", "c.mp4"] { try scratch.write("x", to: name) }
        try scratch.write(" a,  b\n", to: "a.txt")
        try scratch.write(" \n", to: "b.txt")
        var rules = rules
        rules.defaultCaption = "default"
        let captions = try rules.findFiles().map { try rules.caption(of: $0).raw }
        #expect(captions == [" a,  b\n", "default", "default"])
    }

    @Test("a caption that is not UTF-8 refuses its clip only, with the reason")
    func badCaption() async throws {
        for name in ["a.mp4", "b.mp4"] { try scratch.write("x", to: name) }
        try Data([0x61, 0xE4, 0x62]).write(to: URL(fileURLWithPath: scratch.file("a.txt")))
        let index = try await ClipIndex.scan(rules) { _ in TestClips.video() }
        #expect(index.clips.map(\.name) == ["b.mp4"])
        #expect(
            index.refused.map(\.reason) == [
                "\(scratch.file("a.txt")): cannot be read as text, should be UTF-8; save it as UTF-8"
            ]
        )
    }

    @Test("an image set leaves videos alone and counts them")
    func imageSet() async throws {
        for name in ["a.mp4", "b.png"] { try scratch.write("x", to: name) }
        let rules = DatasetRules(path: scratch.path)
        let index = try await ClipIndex.scan(rules) { _ in TestClips.image }
        #expect(index.clips.map(\.name) == ["b.png"])
        #expect(index.ignoredVideos == 1)
    }

    @Test("content hashes are SHA-256 of the bytes, and many clips keep their order")
    func hashes() async throws {
        for number in 10..<40 { try scratch.write("abc", to: "\(number).mp4") }
        let index = try await ClipIndex.scan(rules) { _ in TestClips.video() }
        #expect(index.clips.map(\.name) == (10..<40).map { "\($0).mp4" })
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(Set(index.clips.map(\.contentHash)) == [known])
    }

    @Test("a known file is not read again; one replaced with the same size and date is")
    func remembered() async throws {
        let path = try scratch.write("first", to: "a.mp4")
        try await Task.sleep(for: .milliseconds(100))
        let index = HashIndex(folder: scratch.path, settlingTime: .milliseconds(50))
        let first = try index.hash(of: path)
        #expect(index.save())
        #expect(HashIndex(folder: scratch.path).remembers(path))

        let date = try #require(
            FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        )
        try scratch.write("other", to: "a.mp4")
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
        let again = HashIndex(folder: scratch.path)
        #expect(!again.remembers(path))
        #expect(try again.hash(of: path) != first)
    }

    @Test("a file that changed a moment ago is not remembered yet")
    func unsettled() throws {
        let path = try scratch.write("first", to: "a.mp4")
        let index = HashIndex(folder: scratch.path)
        _ = try index.hash(of: path)
        #expect(index.save())
        #expect(!HashIndex(folder: scratch.path).remembers(path))
    }

    @Test("a damaged index is forgotten")
    func damagedIndex() throws {
        let path = try scratch.write("first", to: "a.mp4")
        try scratch.write("{", to: "_latent_cache/content_hashes.json")
        let index = HashIndex(folder: scratch.path)
        #expect(try index.hash(of: path) == ContentHash.of(path))
        #expect(index.save())
    }
}

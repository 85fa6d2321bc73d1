import Foundation
import Testing

@testable import Studio

/// The pages' own files, read as text.
@Suite("Sources of the pages") struct PageSourceTests {
    private static func files() throws -> [(name: String, text: String)] {
        let folder = Bundle.module.bundleURL.appendingPathComponent("Pages").path
        return try FileManager.default.subpathsOfDirectory(atPath: folder)
            .filter { name in [".js", ".html", ".css"].contains { name.hasSuffix($0) } }
            .map { ($0, try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8)) }
    }

    @Test("no page names another server: nothing is loaded from, sent to, or linked outside")
    func noOutsideRequest() throws {
        let files = try Self.files().filter { !$0.name.hasPrefix("vendor/") }
        #expect(files.count > 30)
        for (name, text) in files {
            let others = text.replacing("http://www.w3.org/2000/svg", with: "")
            #expect(
                others.firstMatch(of: #/(?:https?|wss?):\/\/|["'(]\/\/[a-z]/#) == nil,
                "\(name)"
            )
        }
    }

    @Test("texts get into a page as text: no file makes HTML or code of them")
    func textsStayTexts() throws {
        let makers =
            #/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|javascript:/#
        for (name, text) in try Self.files() where !name.hasPrefix("vendor/") {
            #expect(text.firstMatch(of: makers) == nil, "\(name)")
            guard name.hasSuffix(".html") else { continue }
            #expect(
                text.firstMatch(of: #/<script(?![^>]* src=)|<style| style=| on[a-z]+=/#) == nil,
                "\(name)"
            )
        }
    }
}

import Foundation
import RunConfig
import Testing

@Suite("Damaged files")
struct FuzzTests {
    /// A small generator of its own, so that a failing seed can be repeated anywhere.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var value = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
            value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
            return value ^ (value >> 31)
        }
    }

    @Test("two thousand damaged files are each read or refused with a line that exists")
    func mutations() throws {
        let fixtures = try ["recommended.yaml", "ui-template.yaml"].map { name in
            Array(try String(contentsOfFile: Fixture.path(name), encoding: .utf8).utf8)
        }
        var refused = 0
        for seed in 0..<2000 {
            var generator = Generator(state: UInt64(seed))
            var bytes = fixtures[seed % 2]
            for _ in 0...Int.random(in: 0..<4, using: &generator) { damage(&bytes, &generator) }
            let text = String(decoding: bytes, as: UTF8.self)
            do {
                _ = try RunFile.parse(text: text, fileName: "job.yaml")
            } catch {
                refused += 1
                let lines =
                    1...text.utf8.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } + 2
                #expect(!error.errors.isEmpty, "seed \(seed)")
                #expect(error.errors.allSatisfy { lines.contains($0.line) }, "seed \(seed)")
            }
        }
        #expect(refused > 500 && refused < 2000)
    }

    private static let pieces = [
        "[", "]", "{", "}", ": ", "- ", "&a ", "*a", "!!str ", "\t", "\"", "'", "|\n", "<<: ", "${",
        "}",
        "# ", "-1", "1e400", ".nan", "null", "\u{0}", "é", "\n\n", "\r\n", "---\n", "? ", "[name]",
        "9999999999999999999999", "%YAML 1.1\n", "true",
    ]

    private func damage(_ bytes: inout [UInt8], _ generator: inout Generator) {
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        let end = min(bytes.count, index + Int.random(in: 1..<40, using: &generator))
        let piece = Array((Self.pieces.randomElement(using: &generator) ?? "").utf8)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.removeSubrange(index..<end)
        case 2: bytes.insert(contentsOf: piece, at: index)
        case 3: bytes.insert(contentsOf: bytes[index..<end], at: index)
        case 4: bytes.replaceSubrange(index..<end, with: piece)
        default: bytes.removeLast(min(bytes.count - 1, bytes.count - index))
        }
    }
}

import Foundation
import Testing

@testable import Safetensors

/// Mutates real headers; each result must be refused or be consistent.
@Suite struct HeaderFuzzTests {
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {  // splitmix64
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    /// Pieces that break headers in more telling ways than random bytes do.
    private static let pieces = [
        "-1", "0", "4", "9223372036854775807", "18446744073709551616", "\"", "\\", "\\ud800", "{",
        "}", "[", "]", ",", ":", "null", "\"U8\"", "\"F4\"", "\"shape\"", "\"data_offsets\"", "[]",
        "{}", "\u{0}", "é", " ", "\"__metadata__\"",
    ]

    private static func mutate(_ file: [UInt8], _ random: inout Generator) -> [UInt8] {
        var bytes = file
        for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
            let headerEnd = min(bytes.count, 1800)
            let index = Int.random(in: 0..<headerEnd, using: &random)
            let end = min(bytes.count, index + Int.random(in: 0...8, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1:
                bytes[index] = UInt8.random(
                    in: UInt8(ascii: "0")...UInt8(ascii: "9"),
                    using: &random
                )
            case 2: bytes[Int.random(in: 0..<min(8, bytes.count), using: &random)] &+= 1
            case 3:
                bytes.replaceSubrange(
                    index..<end,
                    with: pieces.randomElement(using: &random)?.utf8 ?? "".utf8
                )
            case 4: bytes.insert(contentsOf: bytes[index..<end], at: index)
            default: bytes.removeSubrange(index..<(Bool.random(using: &random) ? end : bytes.count))
            }
        }
        return bytes
    }

    /// Gives the header the length that it announces, so that mutations reach the parser.
    private static func repairLength(_ bytes: inout [UInt8], dataBytes: Int) {
        let length = bytes.count - dataBytes - 8
        guard length > 0 else { return }
        bytes.replaceSubrange(
            0..<8,
            with: withUnsafeBytes(of: UInt64(length).littleEndian, Array.init)
        )
    }

    private static func isConsistent(_ header: SafetensorsHeader, size: Int) -> Bool {
        var end = header.tensors.first?.byteRange.lowerBound ?? size
        for tensor in header.tensors {
            guard tensor.byteRange.lowerBound == end,
                tensor.elementCount * tensor.dtype.bitWidth == tensor.byteCount * 8
            else { return false }
            end = tensor.byteRange.upperBound
        }
        return end == size && Set(header.tensors.map(\.name)).count == header.tensors.count
    }

    @Test("10,000 mutated files are refused or consistent, and none crashes")
    func mutations() throws {
        let original = try Array(
            Data(contentsOf: URL(fileURLWithPath: fixture("python.safetensors")))
        )
        let data = original.count - 8 - Int(original[0]) - Int(original[1]) << 8
        var random = Generator(state: 20)
        var (accepted, refused) = (0, 0)
        for round in 0..<10_000 {
            var bytes = Self.mutate(original, &random)
            if round % 2 == 0 { Self.repairLength(&bytes, dataBytes: data) }
            do {
                #expect(try Self.isConsistent(header(bytes), size: bytes.count), "round \(round)")
                accepted += 1
            } catch {
                #expect((error as? SafetensorsError)?.kind == .malformed)
                refused += 1
            }
        }
        // Both must happen, or the mutations test nothing.
        #expect(accepted > 100)
        #expect(refused > 5_000)
    }

    @Test("a header of 5,000 tensors keeps them all in order")
    func manyTensors() throws {
        let members = (0..<5_000).map { index in
            """
            "transformer_blocks.\(index).attn1.to_q.weight":{"dtype":"BF16","shape":[2,2],\
            "data_offsets":[\(index * 8),\(index * 8 + 8)]}
            """
        }
        let bytes = fileBytes("{\(members.shuffled().joined(separator: ","))}", dataBytes: 40_000)
        let header = try header(bytes)
        #expect(header.tensors.count == 5_000)
        #expect(header.tensors.last?.name == "transformer_blocks.4999.attn1.to_q.weight")
    }
}

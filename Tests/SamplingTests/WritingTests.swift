import Foundation
import Media
import Testing

@testable import Sampling

/// Files of samples.
@Suite("Writing samples") struct WritingTests {
    private struct Broken: Error {}

    @Test("what fails in the background comes out, and the rest is dropped")
    func failure() throws {
        final class Count: @unchecked Sendable { var value = 0 }
        let count = Count()
        let writer = BackgroundWriter(pieces: 2)
        #expect(throws: Broken.self) {
            try writer.write { throw Broken() }
            for _ in 0..<10 { try writer.write { count.value += 1 } }
            try writer.finish()
        }
        #expect(throws: Broken.self) { try writer.finish() }
        #expect(count.value == 0)
    }

    @Test("pieces are done in order")
    func order() throws {
        final class Order: @unchecked Sendable { var numbers: [Int] = [] }
        let order = Order()
        let writer = BackgroundWriter(pieces: 3)
        for number in 0..<50 { try writer.write { order.numbers.append(number) } }
        try writer.finish()
        #expect(order.numbers == Array(0..<50))
    }

    @Test("pictures stand side by side, and each has one ear")
    func sideBySide() {
        let left = FrameBuffer(frameCount: 2, height: 1, width: 1, bytes: [1, 2, 3, 4, 5, 6])
        let right = FrameBuffer(frameCount: 2, height: 1, width: 1, bytes: [7, 8, 9, 10, 11, 12])
        let joined = SideBySide.joined(left, right)
        #expect(joined.width == 2 && joined.frameCount == 2)
        #expect(joined.bytes == [1, 2, 3, 7, 8, 9, 4, 5, 6, 10, 11, 12])
        let sound = SideBySide.joined(
            Waveform(sampleRate: 48000, samples: [[1, 0.5, 0], [0, 0.5, 1]]),
            Waveform(sampleRate: 48000, samples: [[0.25, 0.25]])
        )
        #expect(sound.samples == [[0.5, 0.5], [0.25, 0.25]])
    }

    @Test("the ending says what a file can hold")
    func endings() {
        #expect(SampleTarget(path: "a/b.MP4").output == .movie)
        #expect(SampleTarget(path: "b.wav").output == .sound)
        #expect(SampleTarget(path: "b.webp").output == .picture)
        #expect(SampleTarget(path: "b.gif").output == nil)
        #expect(SampleTarget(path: "a/b.mp4").beside("base") == "a/b.base.mp4")
    }
}

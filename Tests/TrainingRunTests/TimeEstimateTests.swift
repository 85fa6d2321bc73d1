import LTXModel
import Testing
import Torch
import Verification

@testable import TrainingRun

/// Counting multiplications, and what a device is said to have.
@Suite("Time and memory") struct TimeEstimateTests {
    private func config() throws -> TransformerConfiguration {
        try Checkpoint(path: Recordings.path("ltx23_single.safetensors")).transformerConfiguration
    }

    private func step(
        _ video: Int,
        _ audio: Int,
        rank: Int = 0,
        recomputed: Double = 0
    ) throws -> Double {
        StepWork(config: try config(), rank: { _ in rank }, recomputed: recomputed)
            .flops(video: video, audio: audio)
    }

    /// What `torch.utils.flop_counter` (2.13) counts in the blocks of diffusers' transformer of the same sizes,
    /// with 3 x 2 x 5 tokens of video, 20 of audio and 1024 of text, attention as plain products, gradients of
    /// the biases of all keys and values.
    @Test("a step has the operations that torch counts in diffusers' model")
    func counted() throws {
        let (forward, both) = (23_802_880.0, 48_040_960.0)
        #expect(try step(30, 20) == both)
        #expect(try step(30, 20, recomputed: 1) == both + forward)
    }

    @Test("without sound its stream and the attentions between the streams cost nothing")
    func pictures() throws {
        let config = try config()
        let (rows, width, text) = (10.0, Double(config.video.width), 1024.0)
        let gates = config.gatedAttention ? 2 * rows * Double(config.video.heads) : 0
        // Self-attention 4, text attention 2, feed-forward 2 · 4; keys and values of the text go forward only.
        let weights = (4 + 2 + 8) * rows * width * width + gates * width
        let words = 2 * text * width * width
        let pairs = rows * (rows + text) * width
        let expected = Double(config.blockCount) * (2 * (2 * weights + words) + 3 * 4 * pairs)
        #expect(try step(10, 0) == expected)
    }

    @Test("adapters cost what they multiply")
    func adapters() throws {
        let plain = try step(10, 20)
        let one = try step(10, 20, rank: 1) - plain
        let eight = try step(10, 20, rank: 8) - plain
        #expect(one > 0 && eight == 8 * one)
    }

    @Test("seconds are operations over speed, times steps")
    func seconds() {
        let time = TimeEstimate(flopsPerStep: 6e12, flopsPerSecond: 2e12, steps: 100)
        #expect(time.secondsPerStep == 3 && time.seconds == 300)
    }

    @Test("the speed of a device is measured")
    func speed() throws {
        let speed = try DeviceSpeed.flopsPerSecond(.cpu, .float32, rows: 64, width: 128)
        #expect(speed > 1e6 && speed < 1e15)
    }

    @Test(
        "memory of graphics cards is read where all agree",
        arguments: [
            ("81559\n", 81_559), ("24564\n24564\n", 24_564), ("24564\n81559\n", nil), ("", nil),
            ("[N/A]\n", nil),
        ] as [(String, Int?)]
    )
    func cards(listing: String, mebibytes: Int?) {
        #expect(DeviceMemory.bytes(listing: listing) == mebibytes.map { $0 * 1_048_576 })
    }

    @Test("the processor's memory is not asked of the graphics driver")
    func processor() {
        #expect(DeviceMemory.bytes(of: .cpu) == nil)
    }
}

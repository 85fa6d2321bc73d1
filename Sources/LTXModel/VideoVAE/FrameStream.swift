import Torch

// Axes: B batch, C channels, T frames, H rows, W columns.

/// A layer through which frames go piece by piece; its state is in the history.
protocol FrameLayer: AnyObject {
    /// Frames that come out for each that goes in.
    var frameFactor: Int { get }
    func callAsFunction(_ x: Tensor, _ history: FrameHistory) -> Tensor
}

extension FrameLayer { var frameFactor: Int { 1 } }

extension VideoConvolution: FrameLayer {}
extension ResidualBlock: FrameLayer {}
extension Upsampling: FrameLayer {}

/// Pulls a video through layers, few frames at a time.
///
/// Each layer takes its share only when the layer behind it has nothing left, so that no more than that
/// share and the histories are in memory, however long the video. No frame is computed twice.
final class FrameStream {
    private let layers: [any FrameLayer]
    private let limits: [Int]  // frames that a layer takes at once
    private let history = FrameHistory()
    // What each layer was given and did not take yet; behind the last layer: results.
    private var waiting: [Tensor?]
    private var hasEnded: [Bool]  // whether nothing follows what waits

    /// Streams `[B, C, T, H, W]`, about so many frames of the result at a time.
    init(_ layers: [any FrameLayer], input: Tensor, framesAtOnce: Int) {
        self.layers = layers
        var (factor, limits) = (1, [Int]())
        for layer in layers.reversed() {
            factor *= layer.frameFactor
            limits.append(max(1, framesAtOnce / factor))
        }
        self.limits = limits.reversed()
        waiting = [input] + Array(repeating: nil, count: layers.count)
        hasEnded = [true] + Array(repeating: false, count: layers.count)
    }

    /// The next frames of the result; nil behind the last.
    func next() -> Tensor? {
        fill(layers.count)
        defer { waiting[layers.count] = nil }
        return waiting[layers.count]
    }

    /// Brings what waits between two pieces to a device.
    func move(to device: Device) {
        history.move(to: device)
        for (index, frames) in waiting.enumerated() { waiting[index] = frames?.to(on: device) }
    }

    /// Runs the layers before a place until something waits there, or nothing more can come.
    private func fill(_ place: Int) {
        while waiting[place] == nil && !hasEnded[place] { run(place - 1) }
    }

    private func run(_ index: Int) {
        fill(index)
        guard let all = waiting[index] else {
            hasEnded[index + 1] = true
            return
        }
        let rest = all.size(2) - limits[index]
        let piece = rest > 0 ? all.narrow(2, from: 0, count: limits[index]) : all
        waiting[index] = rest > 0 ? all.narrow(2, from: limits[index], count: rest) : nil
        history.isLast = rest <= 0 && hasEnded[index]
        let result = layers[index](piece, history)
        if result.size(2) > 0 { waiting[index + 1] = result }
        hasEnded[index + 1] = history.isLast
    }
}

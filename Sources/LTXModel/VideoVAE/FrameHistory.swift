import Torch

// Axes: B batch, C channels, T frames, H rows, W columns.

/// The frames that each layer still needs, so that a long video can go through piece by piece.
///
/// A convolution that looks back only needs to know where the piece before ended. One that looks ahead
/// as well keeps its last frame back until the next is there, and whatever runs beside it waits. The
/// result is that of the whole video at once.
final class FrameHistory {
    /// Whether the piece that goes through is the last: what was kept back then comes out.
    var isLast = false
    private var tails: [ObjectIdentifier: Tensor] = [:]
    private var begun: Set<ObjectIdentifier> = []

    /// The frames kept for a layer; nil in the first piece.
    func tail(of layer: AnyObject) -> Tensor? { tails[ObjectIdentifier(layer)] }

    /// Keeps frames for the next piece; they are copied, so that the rest of the piece is freed.
    func keep(_ frames: Tensor, for layer: AnyObject) {
        tails[ObjectIdentifier(layer)] = isLast ? nil : frames.clone()
    }

    /// The first `count` frames that came to a layer and have not left it; the others wait.
    func delayed(_ x: Tensor, count: Int, in layer: AnyObject) -> Tensor {
        let all = tail(of: layer).map { .concatenate([$0, x], axis: 2) } ?? x
        let rest = all.size(2) - count
        guard rest > 0 else {
            tails[ObjectIdentifier(layer)] = nil
            return all
        }
        keep(all.narrow(2, from: count, count: rest), for: layer)
        return all.narrow(2, from: 0, count: count)
    }

    /// Whether a layer asks this for the first time.
    func begins(_ layer: AnyObject) -> Bool { begun.insert(ObjectIdentifier(layer)).inserted }

    /// Brings all that is kept to a device.
    func move(to device: Device) {
        for (layer, tail) in tails { tails[layer] = tail.to(on: device) }
    }
}

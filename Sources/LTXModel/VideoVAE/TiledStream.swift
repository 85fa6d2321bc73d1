import Torch

// Axes: B batch, C channels, T frames, H rows, W columns.

/// The tiles of a picture, and how they are put together.
struct TileGrid {
    let rows: TileAxis
    let columns: TileAxis
    /// Frames of the result that go through a tile at once.
    let framesAtOnce: Int
    /// Pixels per latent row or column.
    let factor: Int

    /// Cuts latents `[B, C, F, h, w]`.
    init(_ latent: Tensor, _ tiling: VideoTiling, factor: Int) {
        let (longest, overlap) = (tiling.side / factor, tiling.overlap / factor)
        rows = TileAxis(count: latent.size(3), longest: max(2, longest), overlap: overlap)
        columns = TileAxis(count: latent.size(4), longest: max(2, longest), overlap: overlap)
        let pixels = latent.size(0) * rows.length * columns.length * factor * factor
        framesAtOnce = max(1, tiling.pixelsAtOnce / max(1, pixels))
        self.factor = factor
    }

    /// Whether the picture is in one piece.
    var isWhole: Bool { rows.starts.count * columns.starts.count == 1 }

    /// Rows and columns of the tiles, one row of tiles after another.
    var tiles: [(row: Int, column: Int)] {
        rows.starts.indices.flatMap { row in columns.starts.indices.map { (row, $0) } }
    }

    /// A tile of latents, or of pictures where `scale` is the factor.
    func part(_ x: Tensor, _ tile: (row: Int, column: Int), scale: Int = 1) -> Tensor {
        x.narrow(3, from: rows.starts[tile.row] * scale, count: rows.length * scale)
            .narrow(4, from: columns.starts[tile.column] * scale, count: columns.length * scale)
    }

    /// The weight of each pixel of a tile, `[H, W]`.
    func weights(_ tile: (row: Int, column: Int), on device: Device) -> Tensor {
        let across = Tensor(columns.weights(of: tile.column, factor: factor))
        let down = Tensor(rows.weights(of: tile.row, factor: factor))
        return (down.unsqueeze(1) * across.unsqueeze(0)).to(on: device)
    }
}

/// Streams all tiles of a video side by side and blends what comes out.
///
/// Each tile has its own history. Where there are several on an accelerator, those that do not run wait
/// in host memory, so that the device holds one tile at a time.
final class TiledStream {
    private let grid: TileGrid
    private let streams: [FrameStream]
    private let weights: [Tensor]  // [H, W], of each tile
    private let device: Device

    /// Streams latents `[B, C, F, h, w]`.
    init(_ layers: [any FrameLayer], input: Tensor, grid: TileGrid) {
        self.grid = grid
        device = input.device
        streams = grid.tiles.map {
            FrameStream(
                layers,
                input: grid.part(input, $0),
                framesAtOnce: grid.framesAtOnce
            )
        }
        weights = grid.isWhole ? [] : grid.tiles.map { [device] in grid.weights($0, on: device) }
    }

    /// The next pictures; nil behind the last.
    func next() -> Tensor? {
        guard !grid.isWhole else { return streams[0].next() }
        var sum: Tensor?
        for (index, tile) in grid.tiles.enumerated() {
            guard let frames = piece(index) else { return nil }
            let whole = sum ?? canvas(frames)
            grid.part(whole, tile, scale: grid.factor).add(frames * weights[index])
            sum = whole
        }
        return sum.map { $0 / total }
    }

    /// The next frames of one tile: all tiles are of one size, and so give as many.
    private func piece(_ index: Int) -> Tensor? {
        let parks = device != .cpu
        if parks { streams[index].move(to: device) }
        defer { if parks { streams[index].move(to: .cpu) } }
        return streams[index].next()
    }

    private func canvas(_ frames: Tensor) -> Tensor {
        let rows = ((grid.rows.starts.last ?? 0) + grid.rows.length) * grid.factor
        let columns = ((grid.columns.starts.last ?? 0) + grid.columns.length) * grid.factor
        let shape = [frames.size(0), frames.size(1), frames.size(2), rows, columns]
        return .zeros(shape, device: device)
    }

    /// Sum of all weights at each pixel, `[1, 1, 1, H, W]`.
    private lazy var total: Tensor = {
        let sum = canvas(.zeros([1, 1, 1, 1, 1]))
        for (index, tile) in grid.tiles.enumerated() {
            grid.part(sum, tile, scale: grid.factor).add(weights[index])
        }
        return sum
    }()
}

/// How to walk over the bytes of a stored picture so that its pixels come in shown order.
struct PixelWalk {
    /// Offset of the pixel that is shown at the upper left of the crop.
    let start: Int
    /// Bytes from a pixel to the one shown to the right of it.
    let right: Int
    /// Bytes from a pixel to the one shown below it.
    let down: Int

    init(_ geometry: FrameGeometry, _ orientation: Orientation, stride: Int) {
        let (width, height) = (geometry.scaledWidth, geometry.scaledHeight)
        var right = orientation.isTransposed ? stride : 3
        var down = orientation.isTransposed ? 3 : stride
        var start = 0
        if orientation.isMirroredX { (start, right) = (start + (width - 1) * right, -right) }
        if orientation.isMirroredY { (start, down) = (start + (height - 1) * down, -down) }
        start += geometry.cropX * right + geometry.cropY * down
        if geometry.flipX { (start, right) = (start + (geometry.cropWidth - 1) * right, -right) }
        if geometry.flipY { (start, down) = (start + (geometry.cropHeight - 1) * down, -down) }
        (self.start, self.right, self.down) = (start, right, down)
    }
}

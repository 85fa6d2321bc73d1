/// How a stored picture must be turned and mirrored to be shown: one of the eight ways to lay a
/// rectangle on another.
struct Orientation: Sendable, Equatable {
    /// Whether rows and columns change places.
    var isTransposed = false
    /// Whether the shown picture is then mirrored left to right.
    var isMirroredX = false
    /// Whether the shown picture is then mirrored top to bottom.
    var isMirroredY = false

    /// Clockwise turn in degrees, for a picture that is mirrored left to right afterwards if at all.
    var rotation: Int {
        switch (isTransposed, isMirroredX, isMirroredY) {
        case (false, _, false): 0
        case (true, _, false): 90
        case (false, _, true): 180
        case (true, _, true): 270
        }
    }
}

extension Orientation {
    /// Reads a display matrix, the nine numbers `a b u c d v x y w` that map a stored point to
    /// `(a x + c y, b x + d y)`.
    ///
    /// A turn that is not by quarters is taken to the nearest one.
    init(displayMatrix m: [Int32]) {
        let (a, b, c, d) = (Int(m[0]), Int(m[1]), Int(m[3]), Int(m[4]))
        if abs(a) + abs(d) >= abs(b) + abs(c) {
            self.init(isTransposed: false, isMirroredX: a < 0, isMirroredY: d < 0)
        } else {
            self.init(isTransposed: true, isMirroredX: c < 0, isMirroredY: b < 0)
        }
    }

    /// Reads the EXIF orientation, 1...8; anything else means "as stored".
    init(exif value: Int) {
        switch value {
        case 2: self.init(isMirroredX: true)
        case 3: self.init(isMirroredX: true, isMirroredY: true)
        case 4: self.init(isMirroredY: true)
        case 5: self.init(isTransposed: true)
        case 6: self.init(isTransposed: true, isMirroredX: true)
        case 7: self.init(isTransposed: true, isMirroredX: true, isMirroredY: true)
        case 8: self.init(isTransposed: true, isMirroredY: true)
        default: self.init()
        }
    }
}

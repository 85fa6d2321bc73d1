import Testing

@testable import ClipData

@Suite struct BucketTests {
    @Test(
        "sizes are those that users of the run file know",
        arguments: [
            (1920, 1080, 256, 320, 192), (1920, 1080, 512, 672, 384), (1920, 1080, 768, 1024, 576),
            (1920, 1080, 1024, 1344, 768), (640, 480, 768, 640, 480), (1080, 1920, 512, 384, 672),
        ]
    )
    func known(width: Int, height: Int, resolution: Int, bucketWidth: Int, bucketHeight: Int) {
        let bucket = Bucket(width: width, height: height, resolution: resolution, divisor: 32)
        #expect(bucket.width == bucketWidth)
        #expect(bucket.height == bucketHeight)
    }

    @Test("the picture covers the bucket, the crop lies inside, and no area is too large")
    func covers() {
        for width in stride(from: 16, through: 2000, by: 61) {
            for height in stride(from: 16, through: 2000, by: 53) {
                for resolution in [256, 512, 768] {
                    check(width, height, resolution)
                }
            }
        }
    }

    private func check(_ width: Int, _ height: Int, _ resolution: Int) {
        let bucket = Bucket(width: width, height: height, resolution: resolution, divisor: 32)
        #expect(bucket.width % 32 == 0 && bucket.height % 32 == 0)
        #expect(bucket.width > 0 && bucket.height > 0)
        let tightWidth = bucket.scaledWidth == bucket.width
        let tightHeight = bucket.scaledHeight == bucket.height
        #expect(tightWidth || tightHeight)
        #expect(bucket.cropX >= 0 && bucket.cropX + bucket.width <= bucket.scaledWidth)
        #expect(bucket.cropY >= 0 && bucket.cropY + bucket.height <= bucket.scaledHeight)
        let isThin = min(width, height) < 32 || max(width, height) > 8 * min(width, height)
        #expect(isThin || bucket.width * bucket.height <= resolution * resolution)
        // The scaled picture keeps the source's shape to within one pixel.
        let scale = max(
            Double(bucket.width) / Double(width),
            Double(bucket.height) / Double(height)
        )
        #expect(abs(Double(bucket.scaledWidth) - Double(width) * scale) < 1.0001)
        #expect(abs(Double(bucket.scaledHeight) - Double(height) * scale) < 1.0001)
    }

    @Test("a square crop has sides that the divisor divides")
    func square() {
        let bucket = Bucket(
            width: 1920,
            height: 1080,
            resolution: 500,
            divisor: 32,
            crop: CropRule(isSquare: true)
        )
        #expect(bucket.width == 480 && bucket.height == 480)
        #expect(bucket.scaledWidth == 854 && bucket.scaledHeight == 480)
        #expect(bucket.cropX == 187 && bucket.cropY == 0)
    }

    @Test("a small picture is not enlarged beyond the next divisor")
    func small() {
        let bucket = Bucket(width: 320, height: 192, resolution: 768, divisor: 32)
        #expect(bucket.width == 320 && bucket.height == 192)
        #expect(bucket.enlargement == 1)
    }
}

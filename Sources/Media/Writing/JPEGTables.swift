/// The quantisation tables that a JPEG quality means: the standard's examples (ITU-T T.81, annex K),
/// scaled as libjpeg does.
struct JPEGTables {
    let luma: [UInt16]  // [8, 8]
    let chroma: [UInt16]  // [8, 8]

    init(quality: Int) {
        let quality = min(100, max(1, quality))
        let percent = quality < 50 ? 5000 / quality : 200 - 2 * quality
        func scaled(_ table: [Int]) -> [UInt16] {
            table.map { UInt16(min(255, max(1, ($0 * percent + 50) / 100))) }
        }
        luma = scaled(Self.luma)
        chroma = scaled(Self.chroma)
    }

    private static let luma = [
        16, 11, 10, 16, 24, 40, 51, 61,
        12, 12, 14, 19, 26, 58, 60, 55,
        14, 13, 16, 24, 40, 57, 69, 56,
        14, 17, 22, 29, 51, 87, 80, 62,
        18, 22, 37, 56, 68, 109, 103, 77,
        24, 35, 55, 64, 81, 104, 113, 92,
        49, 64, 78, 87, 103, 121, 120, 101,
        72, 92, 95, 98, 112, 100, 103, 99,
    ]

    private static let chroma = [
        17, 18, 24, 47, 99, 99, 99, 99,
        18, 21, 26, 66, 99, 99, 99, 99,
        24, 26, 56, 99, 99, 99, 99, 99,
        47, 66, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
    ]
}

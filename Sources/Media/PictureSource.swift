internal import CFFmpeg

/// What the conversion of a decoded picture depends on; another one needs another scaler.
struct PictureSource: Equatable {
    let width, height, format: Int32
    /// The colour matrix, one of swscale's `SWS_CS_` numbers.
    let matrix: Int32
    /// 1 for 0...255, 0 for 16...235.
    let isFullRange: Int32
    /// Where a chroma sample lies, in 1/256 of a luma pixel.
    let chromaX, chromaY: Int32

    init(_ frame: AVFrame, isStill: Bool) {
        (width, height, format) = (frame.width, frame.height, frame.format)
        matrix = Self.matrix(frame)
        isFullRange =
            frame.color_range == AVCOL_RANGE_JPEG || Self.isFullRangeFormat(format) ? 1 : 0
        let place = Self.chromaPlace(frame, isStill: isStill)
        (chromaX, chromaY) = (place.x, place.y)
    }

    private static func matrix(_ frame: AVFrame) -> Int32 {
        switch frame.colorspace {
        case AVCOL_SPC_BT709: SWS_CS_ITU709
        case AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M: SWS_CS_ITU601
        case AVCOL_SPC_SMPTE240M: SWS_CS_SMPTE240M
        case AVCOL_SPC_FCC: SWS_CS_FCC
        case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: SWS_CS_BT2020
        default: frame.height >= 720 ? SWS_CS_ITU709 : SWS_CS_ITU601
        }
    }

    /// The formats whose names begin with `yuvj` are full range without saying so.
    private static func isFullRangeFormat(_ format: Int32) -> Bool {
        pixelFormatName(format).hasPrefix("yuvj")
    }

    /// Where a chroma sample lies: beside the left luma pixel in video that does not say, in the
    /// middle of its block in stills; vertically in the middle in both.
    private static func chromaPlace(_ frame: AVFrame, isStill: Bool) -> (x: Int32, y: Int32) {
        let layout = av_pix_fmt_desc_get(AVPixelFormat(frame.format))?.pointee
        let x: Int32
        let y: Int32
        switch frame.chroma_location {
        case AVCHROMA_LOC_LEFT: (x, y) = (0, 128)
        case AVCHROMA_LOC_CENTER: (x, y) = (128, 128)
        case AVCHROMA_LOC_TOPLEFT: (x, y) = (0, 0)
        case AVCHROMA_LOC_TOP: (x, y) = (128, 0)
        case AVCHROMA_LOC_BOTTOMLEFT: (x, y) = (0, 256)
        case AVCHROMA_LOC_BOTTOM: (x, y) = (128, 256)
        default: (x, y) = (isStill ? 128 : 0, 128)
        }
        return (layout?.log2_chroma_w == 1 ? x : -513, layout?.log2_chroma_h == 1 ? y : -513)
    }
}

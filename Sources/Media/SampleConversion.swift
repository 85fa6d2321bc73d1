internal import CFFmpeg

extension Frame {
    /// Number of samples per channel of a piece of sound.
    var sampleCount: Int { Int(pointer.pointee.nb_samples) }

    /// The samples as floats, full scale -1...1, one array per channel; nil for a format that is
    /// not known.
    func channels() -> [[Float]]? {
        switch av_get_packed_sample_fmt(AVSampleFormat(pointer.pointee.format)) {
        case AV_SAMPLE_FMT_U8: channels(of: UInt8.self) { (Float($0) - 128) / 128 }
        case AV_SAMPLE_FMT_S16: channels(of: Int16.self) { Float($0) / 32768 }
        case AV_SAMPLE_FMT_S32: channels(of: Int32.self) { Float($0) / 2_147_483_648 }
        case AV_SAMPLE_FMT_S64: channels(of: Int64.self) { Float($0) / 9_223_372_036_854_775_808 }
        case AV_SAMPLE_FMT_FLT: channels(of: Float.self) { $0 }
        case AV_SAMPLE_FMT_DBL: channels(of: Double.self) { Float($0) }
        default: nil
        }
    }

    private func channels<Sample>(
        of type: Sample.Type,
        _ convert: (Sample) -> Float
    ) -> [[Float]] {
        let count = Int(cffmpeg_frame_channels(pointer))
        let isPlanar = av_sample_fmt_is_planar(AVSampleFormat(pointer.pointee.format)) != 0
        return (0..<count).map { channel in
            let plane = pointer.pointee.extended_data[isPlanar ? channel : 0]
            let (start, step) = isPlanar ? (0, 1) : (channel, count)
            guard let plane else { return [Float](repeating: 0, count: sampleCount) }
            // Safe because a decoded frame holds `sampleCount` samples of its format in every
            // plane, `count` times as many in the one plane of a packed format.
            return plane.withMemoryRebound(to: type, capacity: sampleCount * step) { samples in
                (0..<sampleCount).map { convert(samples[start + $0 * step]) }
            }
        }
    }
}

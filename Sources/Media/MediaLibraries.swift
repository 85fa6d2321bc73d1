import CFFmpeg

/// The FFmpeg libraries that the program runs with.
public enum MediaLibraries {
    /// Versions, such as `libavformat 59.27.100`.
    public static var versions: [String] {
        [
            ("libavformat", avformat_version()), ("libavcodec", avcodec_version()),
            ("libswscale", swscale_version()), ("libswresample", swresample_version()),
        ].map { name, packed in
            // Each number packs major, minor and micro into 16, 8 and 8 bits.
            "\(name) \(packed >> 16).\(packed >> 8 & 0xFF).\(packed & 0xFF)"
        }
    }
}

import Foundation

extension DiffusersNames {
    private static let vocoderParts: [String: String] = [
        "upsamplers": "ups", "resnets": "resblocks", "conv_in": "conv_pre",
        "conv_out": "conv_post", "act_out": "act_post",
    ]

    /// Component `vocoder`.
    public static func vocoder(_ name: String) -> String {
        name.split(separator: ".").map { vocoderParts[String($0)] ?? String($0) }
            .joined(separator: ".")
            .replacingOccurrences(of: "downsample.filter", with: "downsample.lowpass.filter")
    }
}

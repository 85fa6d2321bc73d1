import SoundAnalysis

extension ChannelLayoutFacts {
    /// For people.
    var words: String {
        switch self {
        case .mono: "mono"
        case .dualMono: "mono in two channels"
        case .stereo: "stereo"
        }
    }
}

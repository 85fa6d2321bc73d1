public import Torch

// Axes: B batch, T tokens of a stream, S text tokens, D width of a stream.

/// One block of the dual-stream transformer.
///
/// - Source: diffusers' `LTX2VideoTransformerBlock`.
public final class AudioVideoBlock {
    private let video: StreamBlock
    private let audio: StreamBlock
    private let audioToVideo: Attention
    private let videoToAudio: Attention

    init(_ weights: WeightScope, config: TransformerConfiguration) {
        video = StreamBlock(
            weights,
            prefix: "",
            crossTable: "scale_shift_table_a2v_ca_video",
            stream: config.video,
            config: config
        )
        audio = StreamBlock(
            weights,
            prefix: "audio_",
            crossTable: "scale_shift_table_a2v_ca_audio",
            stream: config.audio,
            config: config
        )
        func cross(_ name: String, from query: Int, to context: Int) -> Attention {
            Attention(
                weights / name,
                queryWidth: query,
                contextWidth: context,
                heads: config.audio.heads,
                headWidth: config.audio.headWidth,
                gated: config.gatedAttention,
                epsilon: config.epsilon
            )
        }
        audioToVideo = cross(
            "audio_to_video_attn",
            from: config.video.width,
            to: config.audio.width
        )
        videoToAudio = cross(
            "video_to_audio_attn",
            from: config.audio.width,
            to: config.video.width
        )
    }

    /// All linear layers of the block: what adapters can be attached to.
    public var linears: [Linear] {
        video.linears + audio.linears + audioToVideo.linears + videoToAudio.linears
    }

    /// Runs the block.
    ///
    /// - Parameters:
    ///   - state: tokens of the streams that are present.
    ///   - conditions: everything that does not change from block to block.
    ///   - valuesOnly: skips self-attention's mixing in both streams, of items that the conditions do not
    ///     exempt (for guidance).
    /// - Returns: the streams after the block.
    public func callAsFunction(
        _ state: StreamState,
        _ conditions: BlockConditions,
        valuesOnly: Bool = false
    ) -> StreamState {
        var state = state
        if let x = state.video, let own = conditions.video {
            state.video = video.attended(x, own, valuesOnly: valuesOnly)
        }
        if let x = state.audio, let own = conditions.audio {
            state.audio = audio.attended(x, own, valuesOnly: valuesOnly)
        }
        if !conditions.isolated { state = exchanged(state, conditions) }
        if let x = state.video, let own = conditions.video {
            state.video = video.transformed(x, own)
        }
        if let x = state.audio, let own = conditions.audio {
            state.audio = audio.transformed(x, own)
        }
        return state
    }

    /// Both cross-modal attentions; each sees the other stream as it was before either changed.
    private func exchanged(_ state: StreamState, _ conditions: BlockConditions) -> StreamState {
        guard let v = state.video, let a = state.audio, let onVideo = conditions.video,
            let onAudio = conditions.audio
        else { return state }
        let videoSeen = video.crossView(v, onVideo, first: 0)
        let audioSeen = audio.crossView(a, onAudio, first: 0)
        let videoHeard = video.crossView(v, onVideo, first: 2)
        let audioHeard = audio.crossView(a, onAudio, first: 2)
        let picture = onVideo.sum(v, times: video.crossGate(onVideo)) { hasValues in
            conditions.exchanged(
                audioToVideo(
                    videoSeen,
                    context: audioSeen,
                    queryRope: onVideo.crossRope,
                    keyRope: onAudio.crossRope,
                    bias: onAudio.keyBias,
                    replay: onVideo.replay,
                    hasValues: hasValues
                )
            )
        }
        let sound = onAudio.sum(a, times: audio.crossGate(onAudio)) { hasValues in
            conditions.exchanged(
                videoToAudio(
                    audioHeard,
                    context: videoHeard,
                    queryRope: onAudio.crossRope,
                    keyRope: onVideo.crossRope,
                    bias: onVideo.keyBias,
                    replay: onAudio.replay,
                    hasValues: hasValues
                )
            )
        }
        return StreamState(video: picture, audio: sound)
    }
}

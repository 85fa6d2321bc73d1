internal import ClipCache
internal import Media

/// Encodes one decoded item and checks that the encoder gave what was planned.
struct ItemEncoder {
    let item: PlannedItem
    /// Among those that are encoded, from 0.
    let number: Int
    let encoder: any ClipEncoder
    let trace: PreparationTrace

    func encode(_ decoded: DecodedItem) throws -> EncodedClip {
        let (audio, status) = try sound(decoded.sound)
        return EncodedClip(
            video: try pictures(decoded.frames, shape: item.latentShape),
            firstFrame: try firstFrame(of: decoded.frames),
            audio: audio,
            audioStatus: status,
            fps: item.window.rate,
            pixelFrames: item.window.frameCount,
            width: item.bucket.width,
            height: item.bucket.height
        )
    }

    private func firstFrame(of frames: FrameBuffer) throws -> FloatBuffer? {
        guard item.needsFirstFrame else { return nil }
        let size = frames.height * frames.width * 3
        let first = FrameBuffer(
            frameCount: 1,
            height: frames.height,
            width: frames.width,
            bytes: Array(frames.bytes.prefix(size))
        )
        var shape = item.latentShape
        shape[1] = 1
        return try pictures(first, shape: shape)
    }

    private func pictures(_ frames: FrameBuffer, shape: [Int]) throws -> FloatBuffer {
        let latents = try trace.measure(.encodingPictures, of: number) {
            try encoder.encode(frames: frames)
        }
        guard latents.shape == shape else { throw misshapen("video", latents.shape, shape) }
        return latents
    }

    private func sound(_ sound: DecodedItem.Sound) throws -> (FloatBuffer?, AudioStatus) {
        switch sound {
        case .unread: return (nil, .unread)
        case .absent: return (nil, .none)
        case .silent: return (nil, .silent)
        case .failed: return (nil, .failed)
        case .present(let waveform):
            let count = item.audio?.latentCount ?? 0
            let latents = try trace.measure(.encodingSound, of: number) {
                try encoder.encode(sound: waveform, latentCount: count)
            }
            guard latents.shape.first == count else {
                throw misshapen("audio", latents.shape, [count])
            }
            return (latents, .present)
        }
    }

    private func misshapen(_ what: String, _ shape: [Int], _ planned: [Int]) -> ClipDataError {
        ClipDataError(
            .undecodable,
            at: item.clip.path,
            "\(what) latents are \(shape), should be \(planned) as planned",
            fix: "plan with the factors of the checkpoint that encodes"
        )
    }
}

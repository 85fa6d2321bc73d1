extension EncodedClip {
    /// The clip as a cache file.
    func file(key: CacheKey, audio request: AudioRequest?, checkpoint: String) -> CacheFile {
        var tensors = [CacheTensor("latent", video)]
        if let firstFrame { tensors.append(CacheTensor("first_frame_latent", firstFrame)) }
        if let audio { tensors.append(CacheTensor("audio_latent", audio)) }
        return CacheFile(
            kind: LatentCache.kind,
            schema: CacheKey.schema,
            key: key.digest,
            facts: [
                "audio": audioStatus.rawValue,
                "audio_read": request?.text ?? "",
                "fps": "\(fps)",
                "frames": "\(pixelFrames)",
                "width": "\(width)",
                "height": "\(height)",
                "content": key.contentHash,
                CachedClip.originFact: CachedClip.Origin(key, checkpoint).text,
            ],
            tensors: tensors
        )
    }

    /// Turns a whole file of the right key into an answer.
    static func answer(from file: CacheFile, needs: CacheNeeds) -> CacheAnswer<EncodedClip> {
        guard let clip = EncodedClip(file), clip.fault == nil else {
            return .broken("facts or latents are missing or malformed")
        }
        if needs.firstFrame, clip.firstFrame == nil {
            return .stale("made without the first frame's own latents")
        }
        guard let request = needs.audio else { return .hit(clip) }
        switch clip.audioStatus {
        case .none, .silent: return .hit(clip)
        case .unread: return .stale("made without sound")
        case .failed: return .stale("the sound could not be decoded then")
        case .present:
            let read = file.facts["audio_read"] ?? ""
            return read == request.text
                ? .hit(clip) : .stale("sound read as \(read), should be \(request.text)")
        }
    }

    private init?(_ file: CacheFile) {
        guard let video = file.tensor("latent")?.floats,
            let status = file.facts["audio"].flatMap(AudioStatus.init),
            let fps = file.facts["fps"].flatMap(Double.init),
            let frames = file.facts["frames"].flatMap(Int.init),
            let width = file.facts["width"].flatMap(Int.init),
            let height = file.facts["height"].flatMap(Int.init)
        else { return nil }
        self.init(
            video: video,
            firstFrame: file.tensor("first_frame_latent")?.floats,
            audio: file.tensor("audio_latent")?.floats,
            audioStatus: status,
            fps: fps,
            pixelFrames: frames,
            width: width,
            height: height
        )
    }
}

/// What one section asks of another.
extension ProcessSection {
    func checkTogether(_ section: ConfigSection) {
        guard !section.report.isSchemaPass else { return }
        checkPreservation(section)
        checkAdapterFiles(section)
        checkCaching(section)
        checkSound(section)
        checkPreset(section)
        checkPresetSizes(section)
    }

    /// What the file says against the purpose that it names.
    private func checkPreset(_ section: ConfigSection) {
        guard !datasets.isEmpty else { return }
        let clips = datasets.filter { $0.isVideo && !$0.isReg }
        let hears = clips.contains(where: \.doAudio)
        switch preset {
        case .face where hears:
            section.warn(
                "preset",
                "is face, but do_audio: true brings sound that no adapter learns",
                fix: "remove do_audio, or use preset: face+voice"
            )
        case .voice where !hears, .faceAndVoice where !hears:
            section.error(
                "preset",
                "asks for a voice, but no dataset has sound",
                fix:
                    "give a dataset of clips num_frames above 1 and do_audio: true, or use preset: face"
            )
        default: break
        }
    }

    /// A rate or rank of the preset's that was meant to be the smaller one, and no longer is.
    private func checkPresetSizes(_ section: ConfigSection) {
        guard preset != nil else { return }
        if let audioLR = train.audioLR, audioLR > train.lr, !section.gives("train.audio_lr") {
            section.warn(
                "train.lr",
                "got \(train.lr), below the preset's audio_lr, \(audioLR)",
                fix: "set train.audio_lr as well, to half of it"
            )
        }
        guard let network, let audio = network.audioLinear, audio > network.linear,
            !section.gives("network.audio_linear")
        else { return }
        section.warn(
            section.gives("network.rank") ? "network.rank" : "network.linear",
            "got \(network.linear), below the preset's audio_linear, \(audio)",
            fix: "set network.audio_linear as well, to half of it"
        )
    }

    private func checkAdapterFiles(_ section: ConfigSection) {
        guard network == nil else { return }
        let asked = [("save.split", save.split), ("save.merge_statistics", save.mergeStatistics)]
        for (key, isAsked) in asked where isAsked {
            section.error(
                key,
                "needs a network, but the run trains the whole transformer",
                fix: "add a network section or remove the key"
            )
        }
    }

    private func checkPreservation(_ section: ConfigSection) {
        guard train.diffOutputPreservation else { return }
        if network == nil {
            section.error(
                "train.diff_output_preservation",
                "needs a network, but the run trains the whole transformer",
                fix: "add a network section or remove the key"
            )
        }
        let learned = datasets.filter { !$0.isReg }
        let hasTrigger =
            (triggerWord?.isEmpty == false)
            || (!learned.isEmpty && learned.allSatisfy { $0.triggerWord?.isEmpty == false })
        if !hasTrigger {
            section.error(
                "train.diff_output_preservation",
                "needs a trigger word to replace by the class",
                fix: "set trigger_word, or use blank_prompt_preservation"
            )
        }
    }

    private func checkCaching(_ section: ConfigSection) {
        let states = Set(datasets.map(\.cacheTextEmbeddings))
        if states.count > 1 {
            section.error(
                "datasets",
                "cache_text_embeddings is true for some datasets and false for others",
                fix: "set train.cache_text_embeddings for all"
            )
        }
    }

    private func checkSound(_ section: ConfigSection) {
        let hasSound = datasets.contains(where: \.doAudio)
        if hasSound, train.doCFG || train.doRandomCFG {
            section.error(
                train.doCFG ? "train.do_cfg" : "train.do_random_cfg",
                "cannot be used with sound: it doubles the batch for the picture alone",
                fix: "remove the key, or set do_audio: false on every dataset"
            )
        }
        let isSaid = preset == .voice || preset == .faceAndVoice  // By `checkPreset`.
        if !datasets.isEmpty, !hasSound, train.strictAudioMode == true, !isSaid {
            section.error(
                "train.strict_audio_mode",
                "asks for sound, but no dataset has any",
                fix: "set num_frames above 1 or auto_frame_count: true on a dataset of clips"
            )
        }
    }
}

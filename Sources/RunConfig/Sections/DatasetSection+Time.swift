/// Frames and sound.
extension DatasetSection {
    mutating func readTime(from section: inout ConfigSection) {
        readFrameCount(from: &section)
        section.about("Frames per second that clips are taken at and that the model is told.")
        section.read("fps", into: &fps, .within(1...240), fix: "use 24 or 25")
        section.about(
            "Without auto_frame_count: frames spread over the whole clip where that is real time."
        )
        section.read("shrink_video_to_frames", into: &shrinkVideoToFrames)
        section.about("Allow a clip to be squeezed or stretched in time, voice included.")
        section.read("time_stretch", into: &timeStretch)
        section.about("Real-time windows taken from a clip longer than num_frames.")
        section.read(
            "windows_per_clip",
            into: &windowsPerClip,
            .within(1...10_000),
            otherwise: "as many as fit, up to a limit"
        )
        readFirstFrame(from: &section)
        if isVideo, !buckets {
            section.error("buckets", "false cannot be used with clips", fix: "remove the key")
        }
        if timeStretch, !isVideo {
            section.note("time_stretch", "has no effect on images")
        }
    }

    private mutating func readFrameCount(from section: inout ConfigSection) {
        section.about("As many frames as the clip has, snapped to 8k + 1; num_frames is ignored.")
        section.read("auto_frame_count", into: &autoFrameCount)
        section.about("With auto_frame_count: cut the end of a clip instead of squeezing it.")
        section.read("trim_auto_frame_count_tail", into: &trimAutoFrameCountTail)
        var frames = numFrames
        section.about("Frames of a window, of the form 8k + 1; 1 makes a set of images.")
        section.read(
            "num_frames",
            into: &frames,
            .that("1, or from 9 to 2001") { $0 == 1 || (9...2001).contains($0) },
            fix: "use 81 or 121"
        )
        numFrames = (frames - 1) / 8 * 8 + 1
        if numFrames != frames, !autoFrameCount {
            section.note(
                "num_frames",
                "got \(frames), taken as \(numFrames), as the model needs 8k + 1"
            )
        }
        if autoFrameCount, section.has("num_frames"), frames != 1 {
            section.note("num_frames", "has no effect beside auto_frame_count: true")
        }
    }

    private mutating func readFirstFrame(from section: inout ConfigSection) {
        var probability = Probability(i2vProbability)
        section.about("Image to video: probability that the first frame is given. true is 1.")
        section.read(
            "do_i2v",
            into: &probability,
            .that("from 0 to 1") { (0...1).contains($0.value) },
            fix: "use 0.5 to train both"
        )
        i2vProbability = probability.value
        if i2vProbability > 0, !isVideo {
            section.note("do_i2v", "has no effect on images")
            i2vProbability = 0
        }
    }

    mutating func readSound(from section: inout ConfigSection) {
        doAudio = isVideo
        section.about("Use the sound track.")
        section.read("do_audio", into: &doAudio, otherwise: "true for clips")
        if doAudio, !isVideo {
            section.note("do_audio", "has no effect on images")
            doAudio = false
        }
        section.about("Where sound is stretched, keep its pitch.")
        section.read("audio_preserve_pitch", into: &audioPreservePitch)
        section.about("Bring the peak of the sound to full scale.")
        section.read("audio_normalize", into: &audioNormalize)
    }
}

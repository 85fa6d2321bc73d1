import Foundation
import JobControl
import RunStore
import Testing

/// Lines of `metrics.jsonl`.
@Suite("Metrics line") struct MetricsLineTests {
    private func values(_ line: String) -> [String: Double]? {
        MetricsLine(Data(line.utf8)).map { line in
            Dictionary(uniqueKeysWithValues: line.rows.map { ($0.key, $0.value) })
        }
    }

    @Test("a step's numbers, errors by quarter of the noise level")
    func step() {
        let line = """
            {"audio_weight":2,"clips":["a"],"epoch":0,"error_audio":[],"error_video":[{"error":1,"sigma":0.1},\
            {"error":3,"sigma":0.2},{"error":5,"sigma":1}],"grad_norm":0.5,"later":{"x":[1]},"loss":0.75,\
            "loss_video":0.25,"lr":0.001,"peak_bytes":12345678901,"preservation":{"voice":0.125},"step":41}
            """
        #expect(
            values(line) == [
                "audio_weight": 2, "error_video/q1": 2, "error_video/q4": 5, "grad_norm": 0.5,
                "loss": 0.75, "loss_video": 0.25, "lr": 0.001, "peak_bytes": 12_345_678_901,
                "preservation/voice": 0.125,
            ]
        )
        #expect(MetricsLine(Data(line.utf8))?.step == 41)
    }

    @Test("held-out clips, the adapters' change and previews have lines of their own")
    func others() {
        let heldOut = """
            {"face_gain":0.5,"held_out":{"base":{"video":2,"videoBySigma":[2],"audioBySigma":[]},\
            "adapted":{"video":1,"audio":3}},"step":5,"voice_gain":-0.5}
            """
        #expect(
            values(heldOut) == [
                "held_out/face_gain": 0.5, "held_out/voice_gain": -0.5, "held_out/base_video": 2,
                "held_out/adapted_video": 1, "held_out/adapted_audio": 3,
            ]
        )
        #expect(values(#"{"adapter_change":{"video":0.25},"step":5}"#) == ["change/video": 0.25])
        let previews = """
            {"previews":{"failures":[],"peakBytes":1,"previews":[{"path":"/a.mp4","prompt":"p","seed":7},\
            {"path":"b.WAV","prompt":"q","seed":8,"voiceDistance":0.5}],"seconds":1},"step":6}
            """
        #expect(
            MetricsLine(Data(previews.utf8))?.samples == [
                Sample(step: 6, promptIndex: 0, kind: .video, path: "/a.mp4", prompt: "p", seed: 7),
                Sample(
                    step: 6,
                    promptIndex: 1,
                    kind: .sound,
                    path: "b.WAV",
                    prompt: "q",
                    seed: 8,
                    voiceDistance: 0.5
                ),
            ]
        )
    }

    @Test("numbers that are not finite leave a gap, members of another kind do not cost the others")
    func odd() {
        #expect(values(#"{"loss":"nan","loss_video":"inf","lr":1,"step":1}"#) == ["lr": 1])
        #expect(values(#"{"loss":"low","lr":1,"error_video":5,"step":1}"#) == ["lr": 1])
    }

    @Test(
        "what is no line of metrics is nil",
        arguments: ["", "{", "[]", "{\"loss\":1}", "{\"step\":-1}"]
    )
    func unreadable(line: String) {
        #expect(MetricsLine(Data(line.utf8)) == nil)
    }
}

import Testing

@testable import Adapters

/// `FILE[:strengths]` as people write it.
@Suite("Choosing adapters") struct AdapterChoiceTests {
    private func strengths(_ text: String) throws -> [Double] {
        let found = try AdapterChoice(parsing: text).strengths
        return [found.video, found.audio, found.audioToVideo, found.videoToAudio, found.other]
    }

    @Test("a file alone, with one number, with parts, and with groups of parts")
    func forms() throws {
        #expect(
            try AdapterChoice(parsing: "a/b.safetensors") == AdapterChoice(path: "a/b.safetensors")
        )
        #expect(try AdapterChoice(parsing: "b.safetensors:0.8").path == "b.safetensors")
        #expect(try strengths("b.safetensors:0.8") == [0.8, 0.8, 0.8, 0.8, 0.8])
        #expect(try strengths("b:face=1,voice=0.5") == [1, 0.5, 1, 0.5, 1])
        #expect(try strengths("b:video=1,audio_to_video=0.3") == [1, 1, 0.3, 1, 1])
        #expect(try strengths("b:0.5,voice=1") == [0.5, 1, 0.5, 1, 0.5])
        #expect(try strengths("b:0, other = -2") == [0, 0, 0, 0, -2])
        #expect(try strengths("b:face=0,video=0.5") == [0.5, 1, 0, 1, 1])
    }

    @Test("a colon may be part of a file's name")
    func colons() throws {
        for name in ["a:b/c.safetensors", "a:b.safetensors", ":x"] {
            #expect(try AdapterChoice(parsing: name) == AdapterChoice(path: name))
        }
        #expect(try AdapterChoice(parsing: "a:b.safetensors:2").path == "a:b.safetensors")
    }

    @Test("what cannot be read is refused with what could")
    func refusals() {
        func message(_ text: String) -> String {
            do { _ = try AdapterChoice(parsing: text) } catch { return "\(error)" }
            return "nothing was refused"
        }
        #expect(
            message("b:mouth=1")
                == "b:mouth=1: \"mouth\" is no part of the model, should be one of video, audio, "
                + "audio_to_video, video_to_audio, other, face (video and audio_to_video) or voice "
                + "(audio and video_to_audio); correct it"
        )
        #expect(
            message("b:face=much")
                == "b:face=much: the strength of face is \"much\", should be a number such as 0.8; "
                + "write FILE:0.8 or FILE:face=1,voice=0.5"
        )
        #expect(
            message("b:loud")
                == "b:loud: the strength is \"loud\", should be a number such as 0.8; write FILE:0.8 or "
                + "FILE:face=1,voice=0.5"
        )
        #expect(message("b:").hasPrefix("b:: the strength is \"\", should be a number"))
        #expect(message("b:1,,2").contains("the strength is \"\""))
        #expect(message("b:inf").contains("the strength is \"inf\""))
    }

    @Test("strengths are written as they are read")
    func written() throws {
        #expect("\(PathwayStrengths(0.8))" == "0.8")
        let mixed = try PathwayStrengths(parsing: "face=1,voice=0.5", at: "")
        #expect(
            "\(mixed)" == "video=1.0,audio=0.5,audio_to_video=1.0,video_to_audio=0.5,other=1.0"
        )
        #expect(try PathwayStrengths(parsing: "\(mixed)", at: "") == mixed)
    }

    @Test("layers around the blocks and of connectors are the rest, whatever their names")
    func layers() throws {
        let strengths = try PathwayStrengths(
            parsing: "video=1,audio=2,audio_to_video=3,video_to_audio=4,other=5",
            at: ""
        )
        let expected = [
            "transformer_blocks.0.attn1.to_q": 1.0, "transformer_blocks.0.ff.net.2": 1,
            "transformer_blocks.0.audio_attn2.to_k": 2, "transformer_blocks.0.audio_ff.net.2": 2,
            "transformer_blocks.0.audio_to_video_attn.to_v": 3,
            "transformer_blocks.0.video_to_audio_attn.to_v": 4, "audio_patchify_proj": 5,
            "adaln_single.linear": 5,
            "audio_embeddings_connector.transformer_1d_blocks.0.attn1.to_q": 5,
        ]
        for (path, value) in expected { #expect(strengths.strength(of: path) == value, "\(path)") }
    }
}

import Testing

@testable import RunConfig

@Suite("Merge jobs")
struct MergeFileParsingTests {
    @Test("ai-toolkit's keys mean isolation with its slider as strength")
    func seedKeys() throws {
        let file = try MergeFile.parse(
            text: """
                job: MergeJob
                config:
                  name: both
                  process:
                    - type: merge_orthogonal
                      lora_1_path: a.safetensors
                      lora_2_path: b.safetensors
                      output_path: "[name].safetensors"
                      dare_drop_rate: 0.7
                      device: cuda
                """,
            fileName: "merge.yaml"
        )
        let merge = try #require(file.merges.first)
        #expect(merge.files.map(\.path) == ["a.safetensors", "b.safetensors"])
        #expect(merge.output == "both.safetensors")
        #expect(merge.mode == "isolate")
        #expect(merge.strength == 0.7)
        #expect(file.diagnostics.contains { $0.message.contains("nothing is dropped by chance") })
    }

    @Test("our own keys are read")
    func ownKeys() throws {
        let file = try MergeFile.parse(
            text: """
                job: MergeJob
                config:
                  process:
                    - loras:
                        - path: a.safetensors
                          strength: face=1,voice=0
                          prompts: [ana speaks]
                        - path: b.safetensors
                          strength: 0.8
                      output: out.safetensors
                      mode: calibrated
                      pathways: {voice: "pick:2"}
                """,
            fileName: "merge.yaml"
        )
        let merge = try #require(file.merges.first)
        #expect(merge.files[0].strength == "face=1,voice=0")
        #expect(merge.files[0].prompts == ["ana speaks"])
        #expect(merge.files[1].strength == "0.8")
        #expect(merge.pathways == ["voice": "pick:2"])
    }

    @Test("all faults are told at once")
    func faults() throws {
        let error = #expect(throws: ConfigError.self) {
            try MergeFile.parse(
                text: """
                    job: MergeJob
                    config:
                      process:
                        - mode: blend
                          strength: 2
                          outptu: x.safetensors
                    """,
                fileName: "merge.yaml"
            )
        }
        let text = "\(try #require(error))"
        for word in ["mode", "strength", "outptu", "loras", "output"] {
            #expect(text.contains(word), "\(word)")
        }
    }
}

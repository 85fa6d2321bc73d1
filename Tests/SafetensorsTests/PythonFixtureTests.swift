import Safetensors
import Testing

/// Reads what Python's `safetensors` wrote; `Fixtures/README.md` has the script.
@Suite struct PythonFixtureTests {
    private let file: SafetensorsFile
    private static let ramp: [Float] = [0, 1, 2, 3, 4, 5]
    private static let floats: [Float] = [-1.5, 0, 0.25, 3, 448, -2]

    init() throws {
        file = try SafetensorsFile(path: fixture("python.safetensors"))
    }

    @Test("integers of every width are read as Python wrote them")
    func integers() throws {
        for dtype in [SafetensorsDType.u8, .i8, .i16, .u16, .i32, .u32, .i64, .u64] {
            #expect(file.info(dtype.rawValue)?.dtype == dtype)
            #expect(file.info(dtype.rawValue)?.shape == [2, 3])
            #expect(try file.floats(dtype.rawValue) == Self.ramp, "\(dtype)")
        }
        #expect(try file.floats("BOOL") == [0, 0, 0, 1, 1, 1])
    }

    @Test("floats of every width are read as Python wrote them")
    func floats() throws {
        for dtype in [SafetensorsDType.f16, .bf16, .f32, .f64] {
            #expect(file.info(dtype.rawValue)?.dtype == dtype)
            #expect(try file.floats(dtype.rawValue) == Self.floats, "\(dtype)")
        }
    }

    @Test("8-bit and complex floats keep Python's bytes")
    func storedTypes() throws {
        #expect(rawBytes(file, "F8_E4M3") == [0xBC, 0x00, 0x28, 0x44, 0x7E, 0xC0])
        #expect(rawBytes(file, "F8_E5M2") == [0xBE, 0x00, 0x34, 0x42, 0x5F, 0xC0])
        #expect(rawBytes(file, "F8_E4M3FNUZ") == [0xC4, 0x00, 0x30, 0x4C, 0x80, 0xC8])
        #expect(rawBytes(file, "F8_E5M2FNUZ") == [0xC2, 0x00, 0x38, 0x46, 0x63, 0xC4])
        #expect(rawBytes(file, "F8_E8M0") == [0x80, 0x00, 0x7D, 0x81, 0x88, 0x80])
        #expect(file.info("C64")?.byteCount == 48)
    }

    @Test("scalars, empty tensors and escaped names are read")
    func oddities() throws {
        #expect(file.info("scalar")?.shape == [])
        #expect(try file.floats("scalar") == [7])
        #expect(file.info("empty")?.shape == [3, 0])
        #expect(try file.floats("empty") == [])
        #expect(try file.floats("quote \" \\ and ü 𝄞 \t") == [9])
    }

    @Test("metadata keeps its text")
    func metadata() {
        #expect(file.metadata == ["config": #"{"layers": 2}"#, "name": "ü\n𝄞"])
    }
}

import Testing

@testable import Safetensors

@Suite struct BrokenHeaderTests {
    /// What a reader says about a header with this much data, after the file's name.
    private func complaint(_ json: String, dataBytes: Int = 0) -> String? {
        complaint(fileBytes(json, dataBytes: dataBytes))
    }

    private func complaint(_ bytes: [UInt8]) -> String? {
        let error = #expect(throws: SafetensorsError.self) { try header(bytes) }
        return error?.description.replacing("; download or write the file again", with: "")
    }

    private func tensor(_ dtype: String, _ shape: String, _ offsets: String) -> String {
        #"{"w":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}}"#
    }

    @Test("a sound header is read, whatever its spaces and unknown keys")
    func sound() throws {
        let json = """
            { "__metadata__" : null ,"w":{"data_offsets":[4,8],"shape":[ ],"dtype":"F32",
            "extra":[1.5e3,{"a":[null,true]},"x\\u00e9"]}, "v":{"dtype":"F32","shape":[1],
            "data_offsets":[0,4]}}  \n
            """
        let header = try header(fileBytes(json, dataBytes: 8))
        #expect(header.tensors.map(\.name) == ["v", "w"])
        #expect(header.metadata.isEmpty)
    }

    @Test("files that end before their header are refused")
    func truncatedHeader() {
        #expect(
            complaint([1, 2, 3]) == "x.safetensors: is 3 bytes long, should be at least 8"
        )
        #expect(
            complaint([9, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D])
                == "x.safetensors: announces a header of 9 bytes, should be at most 2"
        )
        #expect(
            complaint(Array(repeating: 0xFF, count: 20)) == """
                x.safetensors: announces a header of 18446744073709551615 bytes, \
                should be at most 12
                """
        )
    }

    @Test("headers that are no JSON text are refused with the place")
    func notJSON() {
        #expect(
            complaint("[]")
                == "x.safetensors: has a header that is not JSON, should begin with '{'"
        )
        #expect(
            complaint("{\"a")
                == "x.safetensors, header byte 3: is the end, should be '\"'"
        )
        #expect(
            complaint("{} x")
                == "x.safetensors, header byte 3: is 'x', should be the end of the header"
        )
        #expect(
            complaint("{\"\u{1}\":1}")
                == "x.safetensors, header byte 2: is byte 1, should be an escaped control character"
        )
        var bytes = fileBytes("{\"a\":1}")
        bytes[10] = 0xFF
        #expect(
            complaint(bytes) == "x.safetensors: has a header that is not text, should be UTF-8"
        )
    }

    @Test("strings with wrong escapes are refused")
    func escapes() {
        #expect(
            complaint(#"{"\x":1}"#)
                == "x.safetensors, header byte 4: is '\"', should be one of the escapes of JSON"
        )
        #expect(complaint(#"{"\ud800\u0041":1}"#)?.contains("a pair of surrogates") == true)
        #expect(complaint(#"{"\u00g0":1}"#)?.contains("four hexadecimal digits") == true)
    }

    @Test("unknown values that nest without end are refused")
    func depth() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(
            complaint(#"{"w":{"x":\#(deep)"#)
                == "x.safetensors, header byte 74: is '[', should be at most 64 nested values"
        )
    }

    @Test("keys that are there twice are refused")
    func duplicates() {
        let one = #""w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"#
        #expect(
            complaint("{\(one),\(one)}")
                == "x.safetensors, key w: is there twice, should be there once"
        )
        #expect(
            complaint(#"{"__metadata__":{"a":"1","a":"2"}}"#)
                == "x.safetensors, key __metadata__.a: is there twice, should be there once"
        )
        #expect(
            complaint(#"{"__metadata__":{},"__metadata__":{}}"#)
                == "x.safetensors, key __metadata__: is there twice, should be there once"
        )
        #expect(
            complaint(#"{"w":{"dtype":"U8","dtype":"U8"}}"#)
                == "x.safetensors, tensor w: has dtype twice, should have it once"
        )
    }

    @Test("tensors that lie about themselves are refused")
    func lies() {
        #expect(
            complaint(tensor("F31", "[1]", "[0,4]"), dataBytes: 4)?
                .hasPrefix("x.safetensors, tensor w: has the dtype F31, should be one of BOOL, F4")
                == true
        )
        #expect(
            complaint(tensor("F32", "[2]", "[0,4]"), dataBytes: 4) == """
                x.safetensors, tensor w: has the data_offsets [0, 4], should be 8 bytes apart
                """
        )
        #expect(
            complaint(tensor("F4", "[3]", "[0,2]"), dataBytes: 2) == """
                x.safetensors, tensor w: is F4 [3], should be a whole number of bytes below 2^60
                """
        )
        #expect(
            complaint(tensor("F32", "[4294967296,4294967296]", "[0,0]")) == """
                x.safetensors, tensor w: is F32 [4294967296, 4294967296], \
                should be a whole number of bytes below 2^60
                """
        )
        #expect(
            complaint(#"{"w":{"dtype":"F32","shape":[1]}}"#) == """
                x.safetensors, tensor w: is incomplete, \
                should have dtype, shape and data_offsets [begin, end]
                """
        )
    }

    @Test("numbers that are no sizes are refused", arguments: ["-1", "1.0", "01", "1e3", "\"1\""])
    func numbers(number: String) {
        let text = complaint(tensor("F32", "[\(number)]", "[0,4]"), dataBytes: 4)
        #expect(text?.hasPrefix("x.safetensors, header byte") == true)
    }

    @Test("numbers beyond 63 bits are refused")
    func hugeNumbers() {
        #expect(
            complaint(tensor("F32", "[9223372036854775808]", "[0,4]"))?
                .hasSuffix("is '8', should be a number below 2^63") == true
        )
        #expect(
            complaint(tensor("U8", "[9223372036854775807]", "[0,9223372036854775807]"))?
                .contains("should be a whole number of bytes") == true
        )
    }

    @Test("tensors must cover the data exactly")
    func coverage() {
        func two(_ first: String, _ second: String) -> String {
            """
            {"a":{"dtype":"U8","shape":[4],"data_offsets":\(first)},\
            "b":{"dtype":"U8","shape":[4],"data_offsets":\(second)}}
            """
        }
        #expect(
            complaint(two("[0,4]", "[2,6]"), dataBytes: 6) == """
                x.safetensors, tensor b: overlaps the tensor before it, \
                should begin at byte 4 of the data
                """
        )
        #expect(
            complaint(two("[0,4]", "[5,9]"), dataBytes: 9) == """
                x.safetensors, tensor b: leaves a gap after the tensor before it, \
                should begin at byte 4 of the data
                """
        )
        let size = 8 + two("[0,4]", "[4,8]").utf8.count
        #expect(
            complaint(two("[0,4]", "[4,8]"), dataBytes: 7) == """
                x.safetensors: is cut off: is \(size + 7) bytes long, should be \(size + 8)
                """
        )
        #expect(
            complaint(two("[0,4]", "[4,8]"), dataBytes: 9) == """
                x.safetensors: has bytes that belong to no tensor: \
                is \(size + 9) bytes long, should be \(size + 8)
                """
        )
    }

    @Test("what people have instead of a safetensors file is recognised")
    func foreignFiles() {
        let zip = Array("PK\u{3}\u{4}".utf8) + Array(repeating: 7, count: 60)
        #expect(
            complaint(zip) == """
                x.safetensors: is a PyTorch pickle, which can run any code when loaded, \
                should be safetensors; get the .safetensors file of the same model
                """
        )
        #expect(complaint([0x80, 2] + zip)?.contains("is a PyTorch pickle") == true)
        #expect(
            complaint(Array("version https://git-lfs.github.com/spec/v1".utf8)) == """
                x.safetensors: is a Git LFS pointer, should be the file it points to; \
                run git lfs pull in its folder, or download the file
                """
        )
        #expect(
            complaint(Array("<!DOCTYPE html>".utf8)) == """
                x.safetensors: looks like a web page, should be safetensors; \
                download the file itself, not the page about it
                """
        )
        #expect(
            complaint(Array("GGUF\u{3}\0\0\0\0\0\0\0".utf8))?.contains("is a GGUF file") == true
        )
    }

    @Test("a missing file, a folder and an empty file are told apart")
    func paths() throws {
        let folder = try TemporaryFolder()
        func complaint(_ path: String) -> String? {
            let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: path) }
            return error?.description.replacing(folder.path, with: "FOLDER")
        }
        #expect(
            complaint("\(folder.path)/none") == """
                FOLDER/none: cannot be opened (No such file or directory), \
                should be a readable file; check the path
                """
        )
        #expect(
            complaint(folder.path)
                == "FOLDER: is not a file, should be a .safetensors file; name a file inside it"
        )
        #expect(
            try complaint(folder.write("empty", []))
                == "FOLDER/empty: is 0 bytes long, should be at least 8; download or write the file again"
        )
    }

    @Test("a missing tensor and a type without floats are named")
    func floats() throws {
        let path = try fixture("python.safetensors")
        let file = try SafetensorsFile(path: path)
        #expect(file.withBytes(of: "none") { $0.count } == nil)
        #expect(
            #expect(throws: SafetensorsError.self) { try file.floats("none") }?.description == """
                \(path): has no tensor none, should have it; \
                check that the file is of the right model and version
                """
        )
        #expect(
            #expect(throws: SafetensorsError.self) { try file.floats("F8_E4M3") }?.description
                == """
                \(path), tensor F8_E4M3: is F8_E4M3, should be an integer or a float of 16 bits \
                or more; convert the file to BF16
                """
        )
    }
}

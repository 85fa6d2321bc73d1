/// Names such as `model-00002-of-00005.safetensors` say how many files belong together.
enum ShardNames {
    /// The shards that the names announce but that are not among them, sorted.
    static func missing(in files: [String]) -> [String] {
        var expected: Set<String> = []
        for file in files {
            guard let match = file.wholeMatch(of: /(.*-)(\d{5})-of-(\d{5})\.safetensors/),
                let count = Int(match.3), count > 0
            else { continue }
            for number in 1...count {
                let digits = String(number)
                let padded = String(repeating: "0", count: 5 - digits.count) + digits
                expected.insert("\(match.1)\(padded)-of-\(match.3).safetensors")
            }
        }
        return expected.subtracting(files).sorted()
    }
}

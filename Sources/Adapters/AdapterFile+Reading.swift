public import Safetensors
import Torch

extension AdapterFile {
    /// What became of a network that began with a file.
    public struct Beginning: Equatable, Sendable {
        /// Layers that the file has nothing for: they begin at the base model.
        public var fresh: [String] = []
        /// How many layers the file filled.
        public var filled = 0
    }

    /// Fills a network's adapters from a file, whichever program wrote it.
    ///
    /// Read are all spellings of `AdapterKeys`. A smaller rank is widened without changing what the
    /// adapter does. A LoRA can begin a DoRA; other kinds begin only their own.
    ///
    /// - Throws: `AdapterError.doesNotFit` for what the network cannot take, before anything is changed
    ///   of the layer it is about.
    @discardableResult
    public static func load(
        _ file: SafetensorsFile,
        into network: AdapterNetwork,
        names: Names = plainNames
    ) throws -> Beginning {
        let paths = network.members.map(\.layer.path)
        let places = AdapterPlaces(paths, names: names)
        let read = try records(of: file, paths: paths, wanted: paths.count) {
            places.number(of: $0)
        }
        try refuse(read.strangers, in: file)
        var beginning = Beginning()
        for (index, member) in network.members.enumerated() {
            guard let record = read.records[index] else {
                beginning.fresh.append(member.layer.path)
                continue
            }
            try naming(file) { () throws(AdapterMismatch) in
                try member.adapter.begin(with: record)
            }
            beginning.filled += 1
        }
        return beginning
    }

    /// Says of a mismatch in which file it is.
    static func naming<R>(_ file: SafetensorsFile, _ body: () throws(AdapterMismatch) -> R)
        throws(AdapterError) -> R
    {
        do {
            return try body()
        } catch {
            throw .doesNotFit(
                file: file.path,
                problem: "\(error.path) \(error.problem)",
                fix: error.fix
            )
        }
    }

    /// What a file holds.
    struct Records {
        /// By number of the layer, as far as they are wanted.
        var records: [Int: AdapterRecord] = [:]
        /// Numbers of all layers that it is for.
        var matched: Set<Int> = []
        /// Layers without a number.
        var strangers: Set<String> = []
    }

    /// Reads what a file holds for the first `wanted` of the layers with these paths.
    static func records(
        of file: SafetensorsFile,
        paths: [String],
        wanted: Int,
        place: (String) -> Int?
    ) throws -> Records {
        var read = Records()
        for name in file.names {
            guard let (layer, part) = AdapterKeys.split(name) else {
                throw AdapterError.doesNotFit(
                    file: file.path,
                    problem: "\(name) is no part of an adapter of a known kind"
                )
            }
            guard let index = place(layer) else {
                read.strangers.insert(layer)
                continue
            }
            read.matched.insert(index)
            guard index < wanted else { continue }
            let tensor = try Tensor(reading: name, from: file)
            read.records[index, default: AdapterRecord(path: paths[index])].take(part, tensor)
        }
        return read
    }

    private static func refuse(_ strangers: Set<String>, in file: SafetensorsFile) throws {
        guard !strangers.isEmpty else { return }
        throw AdapterError.doesNotFit(
            file: file.path,
            problem: "has adapters of layers that this network does not adapt: "
                + AdapterError.shown(strangers),
            fix: "let network.pathways, only_if_contains and ignore_if_contains accept them, or "
                + "use an adapter trained for this model and these layers"
        )
    }
}

/// Numbers of layers by each of their names, with dots and with underscores.
struct AdapterPlaces {
    private var numbers: [String: Int] = [:]

    init(_ paths: [String], names: AdapterFile.Names) {
        for (index, path) in paths.enumerated() {
            for name in names(path).map(AdapterKeys.plain) {
                numbers[name] = index
                numbers[AdapterKeys.underscored(name)] = index
            }
        }
    }

    func number(of layer: String) -> Int? { numbers[layer] }
}

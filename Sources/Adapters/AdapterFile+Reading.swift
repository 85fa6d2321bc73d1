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
        let records = try records(of: file, for: network, names: names)
        var beginning = Beginning()
        for (index, member) in network.members.enumerated() {
            guard let record = records[index] else {
                beginning.fresh.append(member.layer.path)
                continue
            }
            do {
                try member.adapter.begin(with: record)
            } catch {
                throw AdapterError.doesNotFit(
                    file: file.path,
                    problem: "\(error.path) \(error.problem)",
                    fix: error.fix
                )
            }
            beginning.filled += 1
        }
        return beginning
    }

    /// What the file holds, by number of the network's member.
    private static func records(
        of file: SafetensorsFile,
        for network: AdapterNetwork,
        names: Names
    ) throws -> [Int: AdapterRecord] {
        let places = places(in: network, names)
        var records: [Int: AdapterRecord] = [:]
        var strangers: Set<String> = []
        for name in file.names {
            guard let (layer, part) = AdapterKeys.split(name) else {
                throw AdapterError.doesNotFit(
                    file: file.path,
                    problem: "\(name) is no part of an adapter of a known kind"
                )
            }
            guard let index = places[layer] else {
                strangers.insert(layer)
                continue
            }
            let path = network.members[index].layer.path
            let tensor = try Tensor(reading: name, from: file)
            records[index, default: AdapterRecord(path: path)].take(part, tensor)
        }
        try refuse(strangers, in: file)
        return records
    }

    /// Where a layer is in the network, by each of its names with dots and with underscores.
    private static func places(in network: AdapterNetwork, _ names: Names) -> [String: Int] {
        var places: [String: Int] = [:]
        for (index, member) in network.members.enumerated() {
            for name in names(member.layer.path).map(AdapterKeys.plain) {
                places[name] = index
                places[AdapterKeys.underscored(name)] = index
            }
        }
        return places
    }

    private static func refuse(_ strangers: Set<String>, in file: SafetensorsFile) throws {
        guard !strangers.isEmpty else { return }
        let shown = strangers.sorted().prefix(3).joined(separator: ", ")
        let rest = strangers.count > 3 ? " and \(strangers.count - 3) more" : ""
        throw AdapterError.doesNotFit(
            file: file.path,
            problem: "has adapters of layers that this network does not adapt: \(shown)\(rest)",
            fix: "let network.pathways, only_if_contains and ignore_if_contains accept them, or "
                + "use an adapter trained for this model and these layers"
        )
    }
}

extension AdapterRecord {
    /// Keeps a part; a magnitude of the sum goes before ComfyUI's own form of it.
    fileprivate mutating func take(_ part: String, _ tensor: Tensor) {
        switch part {
        case "alpha": alpha = tensor.item()
        case "dora_scale": if tensors["magnitude"] == nil { tensors["magnitude"] = tensor }
        default: tensors[part] = tensor
        }
    }
}

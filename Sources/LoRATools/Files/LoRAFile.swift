public import LTXModel
public import Safetensors

/// An adapter file of any dialect and kind, opened to be looked at, changed or merged.
///
/// Opening reads the header and the alphas. Tensors are read one layer at a time from the mapped file and
/// their pages given back, so a file of any size never lies in memory as a whole.
public final class LoRAFile: Sendable {
    /// The path as given.
    public let path: String
    /// The header's `__metadata__`.
    public let metadata: [String: String]
    /// How most of its names are spelled.
    public let dialect: KeyDialect
    /// The model that it is for: by layers that only one version has, else by metadata; nil if neither says.
    public let version: ModelVersion?
    /// Layers in the order in which the model uses them.
    public let layers: [LoRALayer]
    /// The file's bytes.
    public let file: SafetensorsFile

    /// Opens a file.
    ///
    /// - Throws: `SafetensorsError` for what is no safetensors file; `LoRAError` if it is empty, if it has
    ///   names that mean nothing in an adapter for LTX-2, or if parts of a layer are missing or do not fit.
    public convenience init(path: String) throws {
        try self.init(SafetensorsFile(path: path))
    }

    /// The same for a file that is open.
    public init(_ file: SafetensorsFile) throws {
        guard !file.names.isEmpty else {
            throw LoRAError(
                at: file.path,
                "holds no tensors, should hold an adapter",
                fix: "check the path"
            )
        }
        self.file = file
        path = file.path
        metadata = file.metadata
        layers = try LayerParts(file).layers()
        dialect = Self.mostFrequent(file.names.map(KeyDialect.init(of:)))
        version = AdapterVersion.version(of: layers, metadata: file.metadata)
    }

    /// Size of the file in bytes.
    public var fileSize: Int { file.fileSize }

    private static func mostFrequent(_ found: [KeyDialect]) -> KeyDialect {
        let counts = Dictionary(grouping: found, by: \.self).mapValues(\.count)
        return KeyDialect.allCases.max { counts[$0, default: 0] < counts[$1, default: 0] } ?? .plain
    }
}

/// Tensors of a file by the layer that they are for.
private struct LayerParts {
    private let file: SafetensorsFile
    private var parts: [String: [LoRAPart]] = [:]
    private var places: [String: LayerNames.Place] = [:]
    private var strangers: [String] = []
    private var unknownLayers: [String] = []

    init(_ file: SafetensorsFile) throws {
        self.file = file
        for name in file.names { take(name) }
        try check()
    }

    func layers() throws -> [LoRALayer] {
        try places.values.sorted().map { place in
            try LoRALayer(place: place, parts: parts[place.path] ?? [], file: file)
        }
    }

    private mutating func take(_ name: String) {
        guard let (layer, part) = KeyReading.split(name), let info = file.info(name) else {
            strangers.append(name)
            return
        }
        guard let place = LayerNames.place(of: layer) else {
            unknownLayers.append(layer)
            return
        }
        places[place.path] = place
        let isAlias = parts[place.path]?.contains { $0.name == part } ?? false
        parts[place.path, default: []].append(
            LoRAPart(name: part, stored: info, isAlias: isAlias)
        )
    }

    private func check() throws(LoRAError) {
        guard strangers.isEmpty else {
            throw LoRAError(
                at: file.path,
                "holds \(strangers.count) tensors that are no part of an adapter of a known kind: "
                    + LoRAError.shown(strangers),
                fix: "use a file of LoRA, DoRA, LoKr, LoHa or whole differences"
            )
        }
        guard unknownLayers.isEmpty else {
            let layers = Set(unknownLayers).sorted()
            throw LoRAError(
                at: file.path,
                "has adapters of \(layers.count) layers that no LTX-2 model has: "
                    + LoRAError.shown(layers),
                fix: "use an adapter trained for LTX-2"
            )
        }
    }
}

import Safetensors
public import Torch

/// The layers that adapter files may be for, and how files call them.
public struct AdaptedModel {
    /// Layers that are here.
    public let layers: [Linear]
    /// Paths of layers that belong to the model and are elsewhere: what a file holds for them is no fault.
    public let elsewhere: [String]
    private let names: AdapterFile.Names
    private let translation: (String) -> String

    /// A model, or the part of it that is in memory.
    ///
    /// - Parameters:
    ///   - layers: what is here.
    ///   - elsewhere: paths of the rest.
    ///   - names: names of a layer in files, without their endings.
    ///   - translation: another dialect's name of a layer to the checkpoint's; unknown ones stay.
    public init(
        layers: [Linear],
        elsewhere: [String] = [],
        names: @escaping AdapterFile.Names = AdapterFile.plainNames,
        translation: @escaping (String) -> String = { $0 }
    ) {
        self.layers = layers
        self.elsewhere = elsewhere
        self.names = names
        self.translation = translation
    }

    /// What a file holds, by number of the layer that is here.
    ///
    /// - Throws: `AdapterError` if it is for another model, or for layers that this one does not have.
    func records(of file: SafetensorsFile) throws -> [Int: AdapterRecord] {
        let paths = layers.map(\.path) + elsewhere
        let places = AdapterPlaces(paths, names: names)
        let read = try AdapterFile.records(of: file, paths: paths, wanted: layers.count) {
            places.number(of: $0) ?? places.number(of: translation($0))
        }
        guard read.strangers.isEmpty else {
            let known = Set(read.matched).count
            throw known == 0
                ? AdapterError.otherModel(file: file.path, layers: read.strangers)
                : AdapterError.unknownLayers(file: file.path, layers: read.strangers, known: known)
        }
        return read.records
    }
}

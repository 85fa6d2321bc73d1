import Adapters

/// Takes the names of files apart.
enum KeyReading {
    /// The layer and the part that a tensor's name means, the layer without what programs put before it.
    static func split(_ name: String) -> (layer: String, part: String)? {
        guard let (layer, part) = AdapterKeys.split(name) else { return nil }
        let prefix = "text_encoders."
        guard layer.hasPrefix(prefix) else { return (layer, part) }
        return (String(layer.dropFirst(prefix.count)), part)
    }
}

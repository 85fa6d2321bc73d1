/// `layer_offloading`: whether blocks live in host memory.
public enum LayerOffloading: String, Sendable, Codable {
    /// All blocks stay on the device.
    case off
    /// The share that the file gives lives in host memory.
    case on
    /// As much as is needed for the run to fit.
    case auto
}

extension LayerOffloading: ConfigReadable {
    static let noun = "true, false or auto"
    static let plural = "choices"
    static let schemaType = "boolean or auto"

    init?(_ node: ConfigNode) {
        if let isOn = Bool(node) {
            self = isOn ? .on : .off
        } else {
            guard node.scalarText?.lowercased() == "auto" else { return nil }
            self = .auto
        }
    }

    var configValue: ConfigValue { self == .auto ? .text("auto") : .bool(self == .on) }
}

/// `gradient_checkpointing`: all blocks, none, or every n-th.
public struct GradientCheckpointing: Sendable, Equatable {
    /// Every so-manieth block is computed again; 0 for none.
    public var interval: Int

    /// Every block.
    public static let all = GradientCheckpointing(interval: 1)

    /// Share of the blocks that are computed again.
    public var share: Double { interval > 0 ? 1 / Double(interval) : 0 }

    /// Every `interval`-th block; 0 for none.
    public init(interval: Int) { self.interval = interval }
}

extension GradientCheckpointing: ConfigReadable {
    static let noun = "true, false or a whole number from 1 (every n-th block)"
    static let plural = "choices"
    static let schemaType = "boolean or integer"

    init?(_ node: ConfigNode) {
        if let isOn = Bool(node) {
            interval = isOn ? 1 : 0
        } else {
            guard let number = Int(node), number > 0 else { return nil }
            interval = number
        }
    }

    var configValue: ConfigValue {
        interval > 1 ? .number(Double(interval)) : .bool(interval == 1)
    }
}

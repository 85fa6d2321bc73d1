public import Foundation

/// A file on its way from a browser, in pieces that may come hours apart.
public struct Upload: Codable, Sendable, Equatable {
    /// Names it in addresses.
    public let id: String
    /// Address of the folder that it goes to.
    public let folder: String
    /// Its name there.
    public let name: String
    /// Bytes that it has when it is complete.
    public let size: Int64
    /// What its SHA-256 should be, in hexadecimal digits; nil if nobody asks.
    public let sha256: String?
    /// When it began.
    public let createdAt: Date
    /// Address of the file once it is complete.
    public var file: String?

    /// The file's name while it is not complete; hidden from everything that looks for clips.
    var partName: String { ".\(id).upload" }
}

/// Where an upload stands.
public struct UploadProgress: Codable, Sendable, Equatable {
    /// Names it in addresses.
    public let id: String
    /// The file's name.
    public let name: String
    /// Bytes that are there; the next piece begins here.
    public let offset: Int64
    /// Bytes that it has when it is complete.
    public let size: Int64
    /// Address of the file once it is complete.
    public let file: String?
}

import Foundation

extension DatasetRules {
    /// Reads a file's caption: from the list, else the text file beside it, else the default.
    ///
    /// The text stays as it is, line ends included.
    ///
    /// - Throws: `.badCaption` if there is a text file that cannot be read as UTF-8.
    func caption(of file: FoundFile) throws(ClipDataError) -> Caption {
        let text =
            if let listed = file.listedCaption { listed } else { try writtenCaption(of: file) }
        return Caption(
            raw: text.trimmed.isEmpty ? defaultCaption : text,
            trigger: trigger,
            variation: captionVariation,
            isRegularisation: isRegularisation
        )
    }

    private func writtenCaption(of file: FoundFile) throws(ClipDataError) -> String {
        let path = (file.path as NSString).deletingPathExtension + captionExtension
        guard FileManager.default.fileExists(atPath: path) else { return "" }
        let data = try? Data(contentsOf: URL(fileURLWithPath: path))
        guard let data, let text = String(validating: data, as: UTF8.self) else {
            throw ClipDataError(
                .badCaption,
                at: path,
                "cannot be read as text, should be UTF-8",
                fix: "save it as UTF-8"
            )
        }
        return text
    }
}

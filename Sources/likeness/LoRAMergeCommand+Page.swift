import Foundation
import LoRATools

extension LoRAMergeCommand {
    /// Refuses a place for the page before the merge rather than after it.
    func checkReport(_ page: String) throws(LoRAError) {
        guard ["html", "htm"].contains((page as NSString).pathExtension.lowercased()) else {
            throw LoRAError(
                at: page,
                "is no name of a page, should end in .html",
                fix: "name the page with --report, the merged file with -o"
            )
        }
        try LoRAOutput.checkFolder(of: page)
    }

    func writePage(_ html: String, to page: String) throws(LoRAError) {
        do {
            try html.write(toFile: page, atomically: true, encoding: .utf8)
        } catch {
            throw LoRAError(
                at: page,
                "cannot be written (\(error.localizedDescription)); the merged file is complete",
                fix: "name another place and merge again for the page"
            )
        }
    }
}

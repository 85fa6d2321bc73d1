public import Torch

extension BlockConditions {
    /// Everything that layers outside the blocks made for them: texts and rows of modulations, video first.
    public var tensors: [Tensor] { [video, audio].compactMap(\.self).flatMap(\.made) }

    /// The same conditions with other tensors, in the order of `tensors`.
    public func replacing(_ tensors: [Tensor]) -> BlockConditions {
        var rest = tensors[...]
        var copy = self
        copy.video = video?.replacing(&rest)
        copy.audio = audio?.replacing(&rest)
        return copy
    }
}

extension StreamConditions {
    fileprivate var made: [Tensor] {
        [rows, text, crossRows, gateRows] + [textRows].compactMap(\.self)
    }

    /// Takes as many tensors as the stream has, from the front.
    fileprivate func replacing(_ rest: inout ArraySlice<Tensor>) -> StreamConditions {
        var copy = self
        copy.rows = rest.popFirst() ?? rows
        copy.text = rest.popFirst() ?? text
        copy.crossRows = rest.popFirst() ?? crossRows
        copy.gateRows = rest.popFirst() ?? gateRows
        if textRows != nil { copy.textRows = rest.popFirst() ?? textRows }
        return copy
    }
}

/**
 * Texts of the project in Tiled's widgets. A label takes a text with tags for rich text (Qt::mightBeRichText), which
 * loads pictures, hides words and makes links; and a name may hold what acts or cannot be seen.
 */

/** Ranges of controls, bidirectional and invisible formats, separators of lines, halves of pairs, tags. */
const HIDDEN = [
    [0x00, 0x09], [0x0b, 0x1f], [0x7f, 0x9f], [0xad, 0xad], [0x61c, 0x61c], [0x180e, 0x180e], [0x200b, 0x200f],
    [0x2028, 0x202e], [0x2060, 0x206f], [0xd800, 0xdfff], [0xfeff, 0xfeff], [0xfff9, 0xfffb], [0xe0000, 0xe0fff],
]

/** A text with all that acts or hides in its escaped form, as `\u202e`; line feeds stay. */
export function visible(text) {
    const words = String(text)
    let all = ""
    // Not by an iterator: the one of Qt parts the pairs of which emoji are made.
    for (let place = 0; place < words.length;) {
        const letter = String.fromCodePoint(words.codePointAt(place))
        all += shown(letter)
        place += letter.length
    }
    return all
}

function shown(character) {
    const number = character.codePointAt(0)
    if (!HIDDEN.some(([first, last]) => first <= number && number <= last)) {
        return character
    }
    const digits = number.toString(16)
    return digits.length > 4 ? `\\u{${digits}}` : `\\u${digits.padStart(4, "0")}`
}

/** A text for a label or a tool tip, which show it letter by letter. */
export function plain(text) {
    const words = visible(text)
    if (!/[<&]/.test(words)) {
        return words
    }
    const escaped = words.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/\n/g, "<br>")
    return `<qt>${escaped}</qt>`
}

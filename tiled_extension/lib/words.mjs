/**
 * Texts of the project in Tiled's widgets. A label takes a text with tags for rich text (Qt::mightBeRichText), which
 * loads pictures, hides words and makes links; and a name may hold what acts or cannot be seen.
 */

/** Controls, bidirectional and invisible formats, separators of lines, halves of pairs, tags. Line feeds stay. */
const HIDDEN = new RegExp(
    "[\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f"
        + "\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e0fff}\\ud800-\\udfff]",
    "gu",
)

/** A text with all that acts or hides in its escaped form, as `\u202e`. */
export function visible(text) {
    return String(text).replace(HIDDEN, (character) => {
        const digits = character.codePointAt(0).toString(16)
        return digits.length > 4 ? `\\u{${digits}}` : `\\u${digits.padStart(4, "0")}`
    })
}

/** A text for a label or a tool tip, which show it letter by letter. */
export function plain(text) {
    const shown = visible(text)
    if (!/[<&]/.test(shown)) {
        return shown
    }
    const escaped = shown.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/\n/g, "<br>")
    return `<qt>${escaped}</qt>`
}

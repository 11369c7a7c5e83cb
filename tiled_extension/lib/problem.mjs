/** What went wrong, for a person: one sentence, and the way out. `code` is assetbridge's, or one of this extension. */
export class Problem {
    constructor(code, message, hint = "") {
        this.code = code
        this.message = message
        this.hint = hint
    }

    /** Of the error object that assetbridge answers with: `{code, message, hint, where}`. */
    static of(error) {
        const where = error.where
        const place = where ? [where.file, where.line, where.column].filter((part) => part).join(":") : ""
        const message = place ? `${place}: ${error.message}` : error.message
        return new Problem(error.code, message, error.hint || "")
    }

    toString() {
        return this.hint ? `${sentence(this.message)}\n\n${this.hint}` : sentence(this.message)
    }
}

/** The text with a full stop and, where it begins with a word and not with a name or place, a capital letter. */
export function sentence(text) {
    const end = /[.!?…]$/.test(text) ? "" : "."
    return text.replace(/^[a-z](?=[a-z]* )/, (letter) => letter.toUpperCase()) + end
}

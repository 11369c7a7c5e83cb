/**
 * A dialog whose widgets have names. It waits without blocking, and its widgets are not touched once it is closed
 * (Tiled deletes them then).
 */

import { plain } from "./words.mjs"

const MINIMUM_WIDTH = 480

/** The forms that are open now, the newest last. */
export const open = []

export class Form {
    constructor(title) {
        this.title = title
        this.closed = false
        /** Widgets by name. */
        this.widgets = {}
        this.answer = ""
        this.dialog = new Dialog(title)
        this.dialog.minimumWidth = MINIMUM_WIDTH
        this.dialog.newRowMode = Dialog.ManualRows
    }

    /** A text over the whole width; lines break where they must. */
    text(name, text) {
        return this.named(name, this.dialog.addHeading(plain(text), true))
    }

    /** A line between parts. */
    separator(text = "") {
        this.dialog.addSeparator(text)
    }

    /** A field with its label in the left column. `make` adds the widget to the dialog. */
    field(name, label, make) {
        this.dialog.addHeading(plain(label), false)
        const widget = this.named(name, make(this.dialog))
        this.dialog.addNewRow()
        return widget
    }

    /** A row of buttons, [name, label] each; a click calls `pressed` with the name, or else ends the form with it. */
    buttons(names, pressed = null) {
        for (const [name, label] of names) {
            const button = this.named(name, this.dialog.addButton(label))
            button.clicked.connect(() => (pressed ? pressed(name) : this.end(name)))
        }
        this.dialog.addNewRow()
    }

    named(name, widget) {
        this.widgets[name] = widget
        return widget
    }

    /** Changes a text or label, unless the form is closed. */
    write(name, text) {
        const shown = plain(text)
        if (!this.closed && this.widgets[name].text !== shown) {
            this.widgets[name].text = shown
        }
    }

    /** Changes what a widget says when the mouse rests on it. */
    hint(name, text) {
        this.widgets[name].toolTip = plain(text)
    }

    /** Closes the form with an answer. */
    end(answer = "") {
        if (!this.closed) {
            this.answer = answer
            this.dialog.accept()
        }
    }

    /** Opens the form; the promise of its answer, "" when it was closed by its frame or the Escape key. */
    shown() {
        return new Promise((resolve) => {
            open.push(this)
            this.dialog.finished.connect(() => {
                this.closed = true
                open.splice(open.indexOf(this), 1)
                resolve(this.answer)
            })
            this.dialog.show()
        })
    }
}

/** Messages that do not stop Tiled. */

import { Form } from "./form.mjs"
import { sentence } from "./problem.mjs"
import { visible } from "./words.mjs"

/** Shows a text and waits for one of the buttons, [name, label] each; the promise of its name, "" when closed. */
export function ask(title, text, buttons) {
    const form = new Form(title)
    form.text("text", text)
    form.buttons(buttons)
    return form.shown()
}

/** Shows a text with one button. */
export function tell(title, text) {
    return ask(title, text, [["close", "Close"]])
}

/** Shows what went wrong and how to go on; it also stays in Tiled's console. */
export function showProblem(problem) {
    tiled.log(visible(`assetbridge: ${sentence(problem.message)}${problem.hint ? ` ${problem.hint}` : ""}`))
    return tell("Assetbridge", problem.toString())
}

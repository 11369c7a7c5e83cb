/** Making an asset: the plan, the price, the approval of a person, and progress to the end. */

import { isMade, stateText } from "./assets.mjs"
import { Form } from "./form.mjs"
import { ask, tell } from "./message.mjs"
import { leftText, priceOf } from "./prices.mjs"
import { Problem, sentence } from "./problem.mjs"

// A plan changes when anything in the project does, so one that was just shown may be out of date by the click.
const APPROVALS = 3

/**
 * Makes an asset current, asking before anything is bought; a generator for `run`. Returns its result {state, files},
 * or null when the user did not want to.
 *
 * Throws a Problem when it cannot be made.
 */
export function* made(bridge, asset) {
    let agreed = null
    for (let attempt = 0; attempt < APPROVALS; attempt += 1) {
        const plan = yield bridge.plan()
        const planned = plan.assets.find((one) => one.id === asset.id)
        if (planned && planned.error) {
            throw Problem.of(planned.error)
        }
        const price = priceOf(plan, asset.id)
        if (price.text !== "" && price.text !== agreed) {
            if (!(yield approved(asset, price, leftText(plan)))) {
                return null
            }
            agreed = price.text
        }
        const approval = price.text === "" ? null : { digest: plan.digest, caps: price.caps }
        const result = yield* followed(bridge, asset, approval)
        if (result !== "plan_changed") {
            if (result !== null && result.notes.length > 0) {
                yield tell("Assetbridge", noticed(asset, result.notes))
            }
            return result
        }
    }
    throw new Problem("plan_changed", "the plan keeps changing", "Wait until other builds have ended, then try again.")
}

/** What was noticed while an asset was made, such as terrains that cannot meet: a paragraph each. */
export function noticed(asset, notes) {
    return [`${asset.id} is made. Please note:`, ...notes.map(sentence)].join("\n\n")
}

function approved(asset, price, left) {
    const text = `Making ${asset.id} costs ${price.text}. Nothing more than this is spent.\n\n${left}`.trim()
    // The first button is what the Enter key presses: that must not buy.
    return ask("Assetbridge: Approve", text, [["later", "Not Now"], ["buy", "Approve and Make"]])
        .then((answer) => answer === "buy")
}

/** Builds with a window that shows how far it is; "plan_changed" when another plan has to be looked at. */
function* followed(bridge, asset, approval) {
    const form = progressForm(bridge, asset)
    const closed = form.shown()
    try {
        const work = bridge.build(asset, approval, (event) => form.write("text", progressText(asset, event)))
        const result = yield Promise.race([work, closed.then((answer) => ({ left: answer }))])
        if (result.left !== undefined) {
            // What fails after the window is gone is still told by the status of the asset.
            work.then(null, () => null)
            return null
        }
        if (result.error && result.error.code === "plan_changed") {
            return "plan_changed"
        }
        if (!isMade(result)) {
            throw unmade(asset, result)
        }
        return result
    } catch (error) {
        if (error instanceof Problem && error.code === "plan_changed") {
            return "plan_changed"
        }
        throw error
    } finally {
        form.end()
    }
}

function progressForm(bridge, asset) {
    const form = new Form("Assetbridge")
    form.text("text", progressText(asset, { state: "queued" }))
    form.buttons([["hide", "Hide"], ["cancel", "Cancel"]], (name) => {
        if (name === "cancel") {
            bridge.cancel(asset).then(null, () => null)
        }
        form.end(name)
    })
    return form
}

/** What a build is at, in words. */
export function progressText(asset, event) {
    const known = typeof event.progress === "number"
    const far = known ? ` ${bar(event.progress)} ${Math.round(event.progress * 100)} %` : ""
    const step = event.step ? ` (${event.step})` : ""
    return `${asset.id}: ${stateText(event.state)}${step}\n${far}`
}

function bar(progress) {
    const full = Math.round(Math.max(0, Math.min(1, progress)) * 20)
    return "█".repeat(full) + "░".repeat(20 - full)
}

function unmade(asset, result) {
    if (result.error) {
        return Problem.of(result.error)
    }
    const hints = {
        needs_approval: "Its price is more than the budget allows without asking: import or regenerate it again.",
        needs_trust: "In a terminal: assetbridge trust",
        needs_pick: `Look at its variants and choose: assetbridge pick ${asset.id} 1`,
        uncertain: "Whether an order was charged is not known. Decide: assetbridge jobs",
    }
    return new Problem(result.state, `${asset.id}: ${stateText(result.state)}`, hints[result.state] || "")
}

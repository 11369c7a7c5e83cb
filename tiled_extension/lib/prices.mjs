/** What a plan costs, as far as it is needed to ask a person. Amounts are decimal texts. */

/**
 * What is to be paid for one asset of a plan, with the assets that it is made of: {text, caps}; `text` is empty when it
 * costs nothing, `caps` are sums by provider and unit.
 */
export function priceOf(plan, id) {
    const sums = {}
    const caps = {}
    let unknown = false
    for (const step of stepsFor(plan, id)) {
        const cost = step.cost
        if (step.cached || !cost) {
            continue
        }
        if (cost.amount === null) {
            unknown = true
            continue
        }
        const what = `${cost.unit} at ${cost.provider}`
        sums[what] = plus(sums[what] || "0", cost.amount)
        const currency = `${cost.provider}:${cost.unit}`
        caps[currency] = plus(caps[currency] || "0", cost.amount)
    }
    const parts = Object.keys(sums).filter((what) => Number(sums[what]) > 0).map((what) => `${sums[what]} ${what}`)
    if (unknown) {
        parts.push("a price that the provider does not tell beforehand")
    }
    // A limit cannot hold for what nobody knows the price of; the approved plan does.
    return { text: parts.join(" + "), caps: unknown ? {} : caps }
}

/** The steps of an asset and of all that it is made of. */
function stepsFor(plan, id) {
    const ids = [id]
    const steps = []
    // The list grows while it is walked: what is used may use others.
    for (const one of ids) {
        const planned = plan.assets.find((asset) => asset.id === one)
        if (planned) {
            steps.push(...planned.steps)
            ids.push(...(planned.upstream || []).filter((other) => ids.indexOf(other) === -1))
        }
    }
    return steps
}

/** What is left at the providers that a plan would buy from, a sentence each; empty where nobody said. */
export function leftText(plan) {
    return (plan.providers || [])
        .filter((row) => row.balance !== null && row.balance !== undefined)
        .map((row) => `You have ${String(row.balance).replace(/\.0+$/, "")} ${row.unit} left at ${row.provider}.`)
        .join(" ")
}

/** The sum of two decimal texts, exact where a floating-point number would not be. */
export function plus(one, other) {
    const places = Math.max(decimals(one), decimals(other))
    const sum = scaled(one, places) + scaled(other, places)
    if (places === 0) {
        return String(sum)
    }
    const digits = String(sum).padStart(places + 1, "0")
    return `${digits.slice(0, -places)}.${digits.slice(-places)}`.replace(/\.?0+$/, "")
}

function decimals(text) {
    return (String(text).split(".")[1] || "").length
}

function scaled(text, places) {
    const [whole, part] = String(text).split(".")
    return Number(whole + (part || "").padEnd(places, "0"))
}

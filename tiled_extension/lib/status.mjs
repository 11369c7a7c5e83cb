/** "Status…": what this extension talks to, what the assets are at, and what providers have left. */

import { counted, stateText } from "./assets.mjs"
import { connected } from "./connection.mjs"
import { ask } from "./message.mjs"
import { Project } from "./project.mjs"
import { VERSION } from "./version.mjs"

const NAMED = 8
const WANTING = ["failed", "invalid", "uncertain", "needs_approval", "needs_pick", "needs_trust", "blocked"]

export function* showStatus() {
    const project = Project.current()
    const bridge = yield connected(project)
    if (bridge === null) {
        return
    }
    const assets = yield bridge.assets()
    const providers = yield bridge.providers()
    const text = [
        `Project: ${FileInfo.toNativeSeparators(project.root)}`,
        `Assetbridge: ${bridge.description}`,
        `Extension: ${VERSION} in Tiled ${tiled.version}`,
        "",
        assetsText(assets),
        "",
        providersText(providers),
    ].concat(trustLines(yield bridge.trust())).join("\n")
    const buttons = bridge.stop ? [["close", "Close"], ["stop", "Stop the Daemon"]] : [["close", "Close"]]
    const answer = yield ask("Assetbridge: Status", text, buttons)
    if (answer === "stop") {
        yield bridge.stop()
    }
}

/** How many assets are at what, and which want a person. */
export function assetsText(assets) {
    const counts = counted(assets).map(([state, number]) => `${number} ${stateText(state)}`).join(", ")
    const wanting = assets.filter((asset) => WANTING.indexOf(asset.state) !== -1)
    const lines = wanting.slice(0, NAMED).map((asset) => {
        const why = asset.error ? `: ${asset.error.message}` : ""
        return `    ${asset.id}: ${stateText(asset.state)}${why}`
    })
    if (wanting.length > NAMED) {
        lines.push(`    and ${wanting.length - NAMED} more`)
    }
    const noun = assets.length === 1 ? "asset" : "assets"
    return [`${assets.length} ${noun}${counts ? `: ${counts}` : ""}`].concat(lines).join("\n")
}

/** What there is to say of a project that asks for what its user has not allowed; nothing here asks. */
export function trustLines(trust) {
    if (trust === null || trust.trusted || trust.changes.length === 0) {
        return []
    }
    const keys = trust.changes.map((change) => change.key).join(", ")
    return ["", `This project is not trusted, and asks for ${keys}. In a terminal: assetbridge trust`]
}

/** Which providers can be used. */
export function providersText(providers) {
    const usable = providers.filter((one) => !one.key || one.key.present).map((one) => one.name)
    const keyless = providers.filter((one) => one.key && !one.key.present).map((one) => one.name)
    const lines = [`Providers: ${usable.join(", ") || "none"}`]
    if (keyless.length > 0) {
        lines.push(`Without a key: ${keyless.join(", ")} (assetbridge providers login NAME)`)
    }
    return lines.join("\n")
}

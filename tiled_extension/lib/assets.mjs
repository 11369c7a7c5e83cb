/** The list of assets: what of it can be a tileset, in which order, and how states are called. No windows here. */

const NO_TILESET = ["map", "music"]
const TERRAIN_KINDS = ["tileset", "isometric_tiles"]

const STATES = {
    new: "not made yet",
    stale: "changed",
    blocked: "waits for another asset",
    queued: "queued",
    building: "being made",
    needs_approval: "needs your approval",
    needs_pick: "pick a variant",
    needs_trust: "project not trusted",
    uncertain: "order unclear",
    failed: "failed",
    invalid: "mistake in its spec",
    drifted: "ready, edited by hand",
    ready: "ready",
    orphan: "spec is gone",
    cancelled: "cancelled",
}

/** The states of a provider's order that are worth a word of their own. */
const ORDERS = {
    submitting: "being ordered",
    submitted: "ordered",
    running: "the provider draws it",
    fetching: "being fetched",
    stored: "received",
}

/** A state in words. */
export function stateText(state) {
    return STATES[state] || ORDERS[state] || state
}

/** Whether files of the asset are there and current, or edited by hand and kept. */
export function isMade(asset) {
    return asset.state === "ready" || asset.state === "drifted"
}

/** The assets that can be tilesets: those for terrain first, each kind by id. */
export function tilesetAssets(assets) {
    const rank = (asset) => (TERRAIN_KINDS.indexOf(asset.kind) === -1 ? 1 : 0)
    return assets
        .filter((asset) => NO_TILESET.indexOf(asset.kind) === -1 && asset.state !== "orphan")
        .sort((one, other) => rank(one) - rank(other) || (one.id < other.id ? -1 : 1))
}

/** The assets whose id, kind or state contains every word of the text. */
export function matching(assets, text) {
    const words = text.toLowerCase().split(/\s+/).filter((word) => word !== "")
    return assets.filter((asset) => {
        const said = `${asset.id} ${asset.kind} ${stateText(asset.state)}`.toLowerCase()
        return words.every((word) => said.indexOf(word) !== -1)
    })
}

/** How many assets are in which state: [[state, number]], the commonest first. */
export function counted(assets) {
    const counts = {}
    for (const asset of assets) {
        counts[asset.state] = (counts[asset.state] || 0) + 1
    }
    return Object.keys(counts).map((state) => [state, counts[state]])
        .sort((one, other) => other[1] - one[1] || (one[0] < other[0] ? -1 : 1))
}

/** Assets that a file may belong to, the likeliest first: their ids are the end of its path, without its suffix. */
export function possibleOwners(assets, path) {
    const stem = `/${path.replace(/\.tsx$/, "")}`
    return assets.filter((asset) => stem.endsWith(`/${asset.id}`))
        .sort((one, other) => other.id.length - one.id.length)
}

/** Names of terrains out of free text: separated by commas, spelled as specs want them (a–z, 0–9, _). */
export function terrainNames(text) {
    return text.split(",")
        .map((name) => name.trim().toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^[^a-z]+|_+$/g, ""))
        .filter((name, place, all) => name !== "" && all.indexOf(name) === place)
}

/** The folder for a new asset: that of the first one that exists, else "art". */
export function usualFolder(assets) {
    const found = assets.map((asset) => asset.id).find((id) => id.indexOf("/") !== -1)
    return found ? found.slice(0, found.lastIndexOf("/")) : "art"
}

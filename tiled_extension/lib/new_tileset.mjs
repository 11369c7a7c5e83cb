/** "New Tileset…": asks for what a spec needs, shows the price, makes the art and imports it. */

import { terrainNames, usualFolder } from "./assets.mjs"
import { connected } from "./connection.mjs"
import { Form } from "./form.mjs"
import { activeMap, imported } from "./import_tileset.mjs"
import { Problem } from "./problem.mjs"
import { Project } from "./project.mjs"

const USUAL = "as in assetbridge.toml"
const SIZES = [8, 16, 24, 32, 48, 64]

export function* newTileset() {
    const project = Project.current()
    const map = activeMap()
    const bridge = yield connected(project)
    if (bridge === null) {
        return
    }
    const assets = yield bridge.assets()
    const providers = (yield bridge.providers()).filter((one) => canDraw(one))
    const wish = { id: `${usualFolder(assets)}/ground`, terrains: "water, grass", size: sizeFor(map), provider: null }
    let complaint = ""
    for (;;) {
        const spec = yield asked(wish, providers, complaint)
        if (spec === null) {
            return
        }
        try {
            const asset = yield bridge.create(spec)
            yield* imported(project, bridge, Object.assign({ state: "new" }, asset), map)
            return
        } catch (error) {
            if (!(error instanceof Problem) || ["file_exists", "id_invalid"].indexOf(error.code) === -1) {
                throw error
            }
            complaint = error.toString()
        }
    }
}

/** Whether a provider draws tilesets out of nothing but words. */
function canDraw(provider) {
    return provider.kinds.indexOf("tileset") !== -1 && provider.name !== "files"
}

/** The tile size to begin with: that of the open map, where it can be had. */
function sizeFor(map) {
    return map !== null && SIZES.indexOf(map.tileWidth) !== -1 ? map.tileWidth : 16
}

/** Asks; the promise of a spec, or null. `wish` keeps what was entered for the next time. */
function asked(wish, providers, complaint) {
    const form = new Form("Assetbridge: New Tileset")
    const id = form.field("id", "Name", (dialog) => dialog.addTextInput("", wish.id))
    const terrains = form.field("terrains", "Terrains", (dialog) => dialog.addTextInput("", wish.terrains))
    terrains.toolTip = "From low to high, separated by commas: water, sand, grass"
    const description = form.field("description", "Description", (dialog) => dialog.addTextInput("", ""))
    description.toolTip = "What all of it looks like, for providers that draw from words"
    const size = form.field("size", "Tile size", (dialog) => dialog.addComboBox("", SIZES.map((one) => `${one} px`)))
    size.currentIndex = SIZES.indexOf(wish.size)
    const names = [null].concat(providers.map((one) => one.name))
    const provider = form.field("provider", "Provider", (dialog) => dialog.addComboBox("", labels(providers)))
    provider.currentIndex = Math.max(0, names.indexOf(wish.provider))
    form.text("note", complaint)
    const look = () => {
        wish.id = id.text.trim()
        wish.terrains = terrains.text
        wish.size = SIZES[size.currentIndex]
        wish.provider = names[provider.currentIndex]
        const found = terrainNames(wish.terrains)
        form.widgets.next.enabled = wish.id !== "" && found.length > 1
        form.write("note", note(found))
    }
    form.buttons([["next", "Next: Price"], ["cancel", "Cancel"]])
    for (const widget of [id, terrains]) {
        widget.textChanged.connect(look)
    }
    for (const widget of [size, provider]) {
        widget.currentIndexChanged.connect(look)
    }
    look()
    let words = ""
    description.textChanged.connect(() => { words = description.text.trim() })
    if (complaint !== "") {
        form.write("note", complaint)
    }
    return form.shown().then((answer) => (answer === "next" ? specOf(wish, words) : null))
}

function specOf(wish, words) {
    const spec = { kind: "tileset", id: wish.id, terrains: terrainNames(wish.terrains), tile_size: wish.size }
    if (words !== "") {
        spec.description = words
    }
    if (wish.provider !== null) {
        spec.provider = wish.provider
    }
    return spec
}

/** The providers to choose from; one without its key is named as such. */
function labels(providers) {
    return [USUAL].concat(providers.map((one) => (one.key && !one.key.present ? `${one.name} (no key)` : one.name)))
}

/** What the terrains will be, or what is missing. */
function note(found) {
    if (found.length < 2) {
        return "Name two terrains or more, separated by commas."
    }
    return `${found.length} terrains: ${found.join(" → ")}. The price comes next; nothing is bought before you approve.`
}

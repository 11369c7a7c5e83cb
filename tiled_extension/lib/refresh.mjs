/** "Regenerate" and "Reroll" of the tileset in front. Tiled loads the new files by itself. */

import { possibleOwners } from "./assets.mjs"
import { connected } from "./connection.mjs"
import { made } from "./making.mjs"
import { ask, tell } from "./message.mjs"
import { Problem } from "./problem.mjs"
import { Project } from "./project.mjs"

export function* regenerate() {
    const found = yield* owned()
    if (found !== null) {
        yield* remade(found, "It was up to date already. For another look: Assetbridge: Reroll Tileset…")
    }
}

export function* reroll() {
    const found = yield* owned()
    if (found === null) {
        return
    }
    const text = `Ask for another take of ${found.asset.id}? It replaces the present one; maps keep their tiles.\n\n`
        + "If it costs something, you see the price first."
    const answer = yield ask("Assetbridge: Reroll", text, [["reroll", "Another Take"], ["cancel", "Cancel"]])
    if (answer === "reroll") {
        const take = yield found.bridge.reroll(found.asset)
        yield* remade(found, `Take ${take} looks like the one before.`)
    }
}

/** Makes the asset current; says so when nothing changed, since then nothing is to be seen. */
function* remade(found, unchanged) {
    const before = lastModified(found.tileset)
    const result = yield* made(found.bridge, found.asset)
    if (result !== null && lastModified(found.tileset) === before) {
        yield tell("Assetbridge", unchanged)
    }
}

/** When the tileset's file or picture was written last, in milliseconds. */
function lastModified(tileset) {
    const files = [tileset.fileName, tileset.image].filter((path) => path && File.exists(path))
    return Math.max(...files.map((path) => Number(File.lastModified(path))))
}

/** The tileset in front with its asset: {tileset, asset, bridge}; null when assetbridge cannot be reached. */
function* owned() {
    const tileset = activeTileset()
    if (tileset === null) {
        throw new Problem("no_tileset", "there is no tileset in front", "Click one in the Tilesets view.")
    }
    if (tileset.modified) {
        throw new Problem(
            "unsaved",
            `the tileset ${tileset.name} has changes that are not saved`,
            "Save or undo them first: its file is rewritten.",
        )
    }
    const project = Project.current()
    const bridge = yield connected(project)
    if (bridge === null) {
        return null
    }
    const path = project.relative(tileset.fileName)
    for (const asset of path === "" ? [] : possibleOwners(yield bridge.assets(), path)) {
        const files = yield bridge.files(asset)
        if (files.length === 0 || files.indexOf(path) !== -1) {
            return { tileset, asset, bridge }
        }
    }
    throw new Problem(
        "no_asset",
        `the tileset ${tileset.name} was not made by assetbridge`,
        "Import one: Assetbridge: Import Tileset…",
    )
}

/** The tileset of the tab in front, or the one that is shown beside a map; null without. */
export function activeTileset() {
    const asset = tiled.activeAsset
    if (asset && asset.isTileset) {
        return asset
    }
    return asset && asset.isTileMap ? tiled.mapEditor.tilesetsView.currentTileset : null
}

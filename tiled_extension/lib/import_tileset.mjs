/** "Import Tileset…": the list of the project's assets; the chosen one is made where needed and joins the open map. */

import { isMade, matching, stateText, tilesetAssets } from "./assets.mjs"
import { connected } from "./connection.mjs"
import { Form } from "./form.mjs"
import { made } from "./making.mjs"
import { emptyLayer, fullTile, leave, opened, place, select, terrainNamesOf, terrainsOf } from "./maps.mjs"
import { tell } from "./message.mjs"
import { Problem } from "./problem.mjs"
import { Project } from "./project.mjs"
import { visible } from "./words.mjs"

const TITLE = "Assetbridge: Import Tileset"
const ROWS = 12
const ID_WIDTH = 240
const KIND_WIDTH = 100
const STATE_WIDTH = 140
const BUTTON_WIDTH = 130

export function* importTileset() {
    const project = Project.current()
    const map = activeMap()
    const bridge = yield connected(project)
    if (bridge === null) {
        return
    }
    const assets = tilesetAssets(yield bridge.assets())
    if (assets.length === 0) {
        yield tell(TITLE, "This project has no tileset yet. Make one: Assetbridge: New Tileset…")
        return
    }
    const asset = yield chosen(assets)
    if (asset !== null) {
        yield* imported(project, bridge, asset, map)
    }
}

/** The map that is open in front; null when it is something else. */
export function activeMap() {
    return tiled.activeAsset && tiled.activeAsset.isTileMap ? tiled.activeAsset : null
}

/** Makes an asset where needed and brings its tileset into the map, or into a tab of its own without one. */
export function* imported(project, bridge, asset, map) {
    let files = isMade(asset) ? yield bridge.files(asset) : []
    if (files.length === 0) {
        const result = yield* made(bridge, asset)
        if (result === null) {
            return
        }
        files = result.files
    }
    const file = files.find((path) => path.endsWith(".tsx"))
    if (file === undefined) {
        throw new Problem(
            "no_target",
            `${asset.id} has no files for Tiled`,
            "Add [targets.tiled] with output = \"maps\" to assetbridge.toml, and build again.",
        )
    }
    const path = project.absolute(file)
    if (map === null || tiled.openAssets.indexOf(map) === -1) {
        // There is no map, or it was closed while the tileset was made.
        tiled.open(path)
        return
    }
    const found = opened(path, map)
    const ground = yield groundFor(map, found.tileset)
    tiled.activeAsset = map
    place(map, found.tileset, ground && ground.layer, ground && ground.tile)
    leave(found)
    // On a ground of the first terrain one paints the second, on any other the first.
    select(map.tilesets.find((one) => one.fileName === path), ground && ground.colour === 1 ? 2 : 1)
}

/** Offers to fill the map's empty layer; the promise of {layer, tile, colour}, or null. */
function groundFor(map, tileset) {
    const wangSet = terrainsOf(tileset)
    const layer = emptyLayer(map)
    if (wangSet === null || layer === null || fullTile(wangSet, 1) === null) {
        return Promise.resolve(null)
    }
    const form = new Form(TITLE)
    form.text(
        "text",
        `The layer “${layer.name}” is empty. The terrain brush only paints where there is ground already.`,
    )
    const names = terrainNamesOf(wangSet).map(visible)
    const terrains = form.field("terrain", "Fill it with", (dialog) => dialog.addComboBox("", names))
    let colour = 1
    terrains.currentIndexChanged.connect((place) => { colour = place + 1 })
    form.buttons([["fill", "Fill"], ["leave", "Leave Empty"]])
    return form.shown().then((answer) => {
        const tile = answer === "fill" ? fullTile(wangSet, colour) : null
        return tile === null ? null : { layer, tile, colour }
    })
}

/** Lets the user choose an asset; its promise, or null. However many there are, only a page of them has widgets. */
function chosen(assets) {
    const form = new Form(TITLE)
    const filter = form.field("filter", "Find", (dialog) => dialog.addTextInput("", ""))
    form.separator()
    let shown = assets
    let first = 0
    let chosenAsset = null
    for (let row = 0; row < ROWS; row += 1) {
        addRow(form, row, () => {
            chosenAsset = shown[first + row]
            form.end("import")
        })
    }
    const show = (start) => {
        const last = Math.max(0, Math.floor((shown.length - 1) / ROWS) * ROWS)
        first = Math.max(0, Math.min(start, last))
        showRows(form, shown.slice(first, first + ROWS))
        form.write("place", placeText(shown.length, first, assets.length))
        form.widgets.back.enabled = first > 0
        form.widgets.forward.enabled = first < last
    }
    form.separator()
    form.named("place", form.dialog.addHeading("", false)).minimumWidth = ID_WIDTH
    form.buttons([["back", "‹ Back"], ["forward", "More ›"], ["close", "Close"]], (name) => {
        if (name === "close") {
            form.end()
        } else {
            show(first + (name === "back" ? -ROWS : ROWS))
        }
    })
    filter.textChanged.connect(() => {
        shown = matching(assets, filter.text)
        show(0)
    })
    show(0)
    return form.shown().then(() => chosenAsset)
}

function addRow(form, row, pressed) {
    form.named(`id${row}`, form.dialog.addHeading("", false)).minimumWidth = ID_WIDTH
    form.named(`kind${row}`, form.dialog.addLabel("")).minimumWidth = KIND_WIDTH
    form.named(`state${row}`, form.dialog.addLabel("")).minimumWidth = STATE_WIDTH
    form.buttons([[`import${row}`, "Import"]], pressed)
    form.widgets[`import${row}`].minimumWidth = BUTTON_WIDTH
}

function showRows(form, assets) {
    for (let row = 0; row < ROWS; row += 1) {
        const asset = assets[row]
        form.write(`id${row}`, asset ? asset.id : "")
        form.write(`kind${row}`, asset ? asset.kind.replace(/_/g, " ") : "")
        form.write(`state${row}`, asset ? stateText(asset.state) : "")
        form.hint(`state${row}`, asset && asset.error ? asset.error.message : "")
        form.write(`import${row}`, asset && !isMade(asset) ? "Make and Import" : "Import")
        form.widgets[`import${row}`].visible = asset !== undefined
        form.widgets[`import${row}`].enabled = asset !== undefined && asset.state !== "invalid"
    }
}

function placeText(found, first, all) {
    if (found === 0) {
        return "Nothing found"
    }
    const last = Math.min(first + ROWS, found)
    const range = `${first + 1 === last ? last : `${first + 1}–${last}`} of ${found}`
    return found === all ? range : `${range} found`
}

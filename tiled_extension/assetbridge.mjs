/**
 * The assetbridge extension for Tiled 1.10.2 and newer: menu actions that list, make and refresh tilesets.
 *
 * Everything here only shows and asks; the rules live in assetbridge itself (its daemon, or its command line).
 * The dialect is ES2016, which the script engines of Qt 5 and Qt 6 share. Nothing is ever written into the folder of
 * this file: Tiled would restart its script engine.
 */

import { importTileset } from "./lib/import_tileset.mjs"
import { newTileset } from "./lib/new_tileset.mjs"
import { regenerate, reroll } from "./lib/refresh.mjs"
import { showStatus } from "./lib/status.mjs"
import { begin } from "./lib/tasks.mjs"

const OLDEST = "1.10.2"

const ACTIONS = [
    ["AssetbridgeImport", "Assetbridge: Import Tileset…", importTileset],
    ["AssetbridgeNew", "Assetbridge: New Tileset…", newTileset],
    ["AssetbridgeRegenerate", "Assetbridge: Regenerate Tileset", regenerate],
    ["AssetbridgeReroll", "Assetbridge: Reroll Tileset…", reroll],
    ["AssetbridgeStatus", "Assetbridge: Status…", showStatus],
]

// Without a window Tiled has neither menu. "Tileset" is shown only beside a tileset of its own tab.
const MENUS = ["Map", "Tileset"]

function start(work) {
    if (tiled.mapEditor) {
        begin(work)
    } else {
        tiled.log("assetbridge: this works only in Tiled's window; without one use the command line: assetbridge build")
    }
}

if (tiled.versionLessThan && tiled.versionLessThan(OLDEST)) {
    tiled.log(`assetbridge needs Tiled ${OLDEST} or newer, this is ${tiled.version}.`)
} else {
    for (const [id, text, work] of ACTIONS) {
        tiled.registerAction(id, () => start(work)).text = text
    }
    for (const menu of MENUS) {
        if (tiled.menus.indexOf(menu) !== -1) {
            tiled.extendMenu(menu, [{ separator: true }].concat(ACTIONS.map(([id]) => ({ action: id }))))
        }
    }
}

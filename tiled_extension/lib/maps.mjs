/** What happens to an open map: a tileset joins it, and an empty layer gets a ground to paint on. */

import { Problem } from "./problem.mjs"

/** The Wang set of a tileset that the terrain brush is for: the first one; null without. */
export function terrainsOf(tileset) {
    return tileset.wangSets.length > 0 ? tileset.wangSets[0] : null
}

/** Names of the terrains of a Wang set, in order of their colours. */
export function terrainNamesOf(wangSet) {
    const names = []
    for (let colour = 1; colour <= wangSet.colorCount; colour += 1) {
        names.push(wangSet.colorName(colour))
    }
    return names
}

/** The tile that is one terrain in all its corners (and edges); null when there is none. colour: counted from 1. */
export function fullTile(wangSet, colour) {
    return wangSet.tileset.tiles.find((tile) => {
        const corners = wangSet.wangId(tile).filter((entry) => entry !== 0)
        return corners.length >= 4 && corners.every((entry) => entry === colour)
    }) || null
}

/** The tile layer that is to be filled: the current one, else the first; null when it is not empty or has no end. */
export function emptyLayer(map) {
    if (map.infinite) {
        return null
    }
    const current = map.currentLayer && map.currentLayer.isTileLayer ? map.currentLayer : null
    const layer = current || map.layers.find((one) => one.isTileLayer) || null
    if (layer === null || layer.locked) {
        return null
    }
    const used = layer.region().boundingRect
    return used.width === 0 || used.height === 0 ? layer : null
}

/**
 * Adds a tileset to a map and, with a tile, fills a layer with it: one step to undo. Adding one that is there already
 * changes nothing.
 */
export function place(map, tileset, layer = null, tile = null) {
    const known = map.tilesets.some((one) => one.fileName !== "" && one.fileName === tileset.fileName)
    if (known && tile === null) {
        return
    }
    map.macro(`Import ${tileset.name}`, () => {
        if (!known) {
            map.addTileset(tileset)
        }
        if (tile !== null) {
            fill(layer, tile, map.width, map.height)
        }
    })
}

function fill(layer, tile, width, height) {
    const edit = layer.edit()
    for (let y = 0; y < height; y += 1) {
        for (let x = 0; x < width; x += 1) {
            edit.setTile(x, y, tile)
        }
    }
    edit.apply()
}

/**
 * The tileset of a file, for a map that stays in front: {tileset, tab}. tab: whether a tab was opened for it, which
 * `leave` closes once the map uses the tileset.
 *
 * Throws the Problem `unreadable`.
 */
export function opened(path, map) {
    const used = map.tilesets.find((one) => one.fileName === path)
    if (used) {
        return { tileset: used, tab: false }
    }
    const tab = !tiled.openAssets.some((one) => one.fileName === path)
    const tileset = tiled.open(path)
    if (!tileset || !tileset.isTileset) {
        throw new Problem("unreadable", `${FileInfo.fileName(path)} cannot be opened`, "Regenerate it.")
    }
    tiled.activeAsset = map
    return { tileset, tab }
}

/** Closes the tab that `opened` opened; the map keeps the tileset, and Tiled goes on watching its file. */
export function leave(found) {
    if (found.tab && !found.tileset.modified) {
        tiled.close(found.tileset)
    }
}

/** Shows a tileset of the active map, and one of its terrains (counted from 1), as what to paint with. */
export function select(tileset, colour) {
    const editor = tiled.mapEditor
    editor.tilesetsView.currentTileset = tileset
    const wangSet = terrainsOf(tileset)
    // Writable since Tiled 1.11.1; before, the user clicks it.
    if (wangSet !== null && !tiled.versionLessThan("1.11.1")) {
        editor.currentWangSet = wangSet
        editor.currentWangColorIndex = Math.min(colour, wangSet.colorCount)
    }
    if (wangSet !== null && tiled.actions.indexOf("WangTool") !== -1) {
        tiled.trigger("WangTool")
    }
}

/**
 * Checks of the extension's parts that need no window, run with `--evaluate`. Prints FAIL lines, and at the end DONE
 * with the number of checks.
 */

import * as assets from "./lib/assets.mjs"
import { fullTile, emptyLayer, place, terrainNamesOf, terrainsOf } from "./lib/maps.mjs"
import { progressText } from "./lib/making.mjs"
import { plus, priceOf } from "./lib/prices.mjs"
import { Problem, sentence } from "./lib/problem.mjs"
import { Project } from "./lib/project.mjs"
import { assetsText, providersText } from "./lib/status.mjs"
import { isCompatible, VERSION } from "./lib/version.mjs"
import { plain, visible } from "./lib/words.mjs"

let count = 0

function same(found, wanted, what) {
    count += 1
    const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)]
    if (one !== other) {
        tiled.log(`FAIL ${what}: ${one}, not ${other}`)
    }
}

function step(amount, unit, more = {}) {
    return Object.assign({ cached: false, cost: { provider: "shop", unit, amount } }, more)
}

function checkPrices() {
    same(plus("0.1", "0.2"), "0.3", "decimals add up exactly")
    same(plus("0.95", "0.05"), "1", "a whole number has no decimals")
    same(plus("19", "1"), "20", "a zero at the end of a whole number stays")
    same(plus("0.005", "1"), "1.005", "more decimals on one side")
    const price = (steps) => priceOf({ assets: [{ id: "a", steps }] }, "a")
    const steps = [step("2.5", "credits"), step("2.5", "credits"), step("9", "credits", { cached: true })]
    same(price(steps), { text: "5 credits at shop", caps: { "shop:credits": "5" } }, "what is stored costs nothing")
    same(price([{ cached: false, cost: null }]), { text: "", caps: {} }, "free")
    same(priceOf({ assets: [] }, "a"), { text: "", caps: {} }, "not in the plan")
    same(price([step("0", "credits")]).text, "", "a step for nothing is free")
    const chain = [
        { id: "a", steps: [step("1", "images")], upstream: ["b", "c"] },
        { id: "b", steps: [step("2", "images")], upstream: ["c"] },
        { id: "c", steps: [step("4", "images")] },
        { id: "d", steps: [step("8", "images")], upstream: ["a"] },
    ]
    same(priceOf({ assets: chain }, "a").caps, { "shop:images": "7" }, "what it is made of is paid with it, once")
    const unknown = price([step(null, "credits"), step("1", "images")])
    same(unknown.text, "1 images at shop + a price that the provider does not tell beforehand", "unknown price")
    same(unknown.caps, {}, "no cap can hold for what is unknown")
}

function checkAssets() {
    const list = [
        { id: "art/hero", kind: "character", state: "ready" },
        { id: "art/theme", kind: "music", state: "ready" },
        { id: "art/b", kind: "tileset", state: "new" },
        { id: "art/a", kind: "isometric_tiles", state: "failed", error: { message: "no luck" } },
        { id: "art/gone", kind: "tileset", state: "orphan" },
    ]
    same(assets.tilesetAssets(list).map((one) => one.id), ["art/a", "art/b", "art/hero"], "terrain first, no sound")
    same(assets.matching(list, " HERO  ready ").map((one) => one.id), ["art/hero"], "every word counts")
    same(assets.matching(list, "").length, 5, "no words find everything")
    same(assets.possibleOwners(list, "maps/art/b.tsx").map((one) => one.id), ["art/b"], "the owner of a file")
    same(assets.possibleOwners(list, "maps/cart/b.tsx"), [], "only whole folders count")
    const nested = [{ id: "b" }, { id: "art/b" }]
    same(assets.possibleOwners(nested, "out/art/b.tsx").map((one) => one.id), ["art/b", "b"], "the longest id first")
    same(assets.terrainNames("Deep Water, sand,, sand, 3 Hügel "), ["deep_water", "sand", "h_gel"], "names of terrains")
    same(assets.usualFolder([{ id: "x" }, { id: "art/tiles/x" }]), "art/tiles", "the folder of other assets")
    same(assets.usualFolder([]), "art", "the first asset's folder")
    same(assetsText([]), "0 assets", "no assets")
    same(assetsText(list.slice(3, 4)), "1 asset: 1 failed\n    art/a: failed: no luck", "why an asset failed")
    const many = Array.from({ length: 20 }, (_, place) => ({ id: `a${place}`, state: "uncertain" }))
    same(assetsText(many).split("\n").length, 10, "not every one of many is named")
    const shops = [{ name: "a", key: null }, { name: "b", key: { present: false } }, { name: "c", key: { present: true } }]
    same(providersText(shops).split("\n")[0], "Providers: a, c", "providers that can be used")
    same(progressText({ id: "x" }, { state: "building", progress: 0.5, step: "set1" }).indexOf("50 %") > 0, true, "progress")
}

function checkProblems() {
    const where = { file: "a.asset.toml", line: 3, column: null, field: "x" }
    const problem = Problem.of({ code: "spec_invalid", message: "that is no size", hint: "Use 16.", where })
    same(String(problem), "a.asset.toml:3: that is no size.\n\nUse 16.", "place, sentence and way out")
    same(sentence("all done."), "All done.", "one full stop")
    same(sentence("art/hero: failed"), "art/hero: failed.", "an id keeps its letters")
    same([isCompatible(VERSION), isCompatible("999.0")], [true, false], "versions")
}

function checkWords() {
    same(plain("Übermut & 剣"), "<qt>Übermut &amp; 剣</qt>", "an ampersand is one")
    same(plain("art/hero is made 🚀"), "art/hero is made 🚀", "plain words stay")
    same(plain("<img src='file:///etc/passwd'>\nx"), "<qt>&lt;img src='file:///etc/passwd'&gt;<br>x</qt>", "no tag")
    same(visible("a\u202eb\u001b[2J\u200b\u{e0041}\nc"), "a\\u202eb\\u001b[2J\\u200b\\u{e0041}\nc", "all is seen")
}

function failure(work) {
    try {
        work()
    } catch (error) {
        return error.code
    }
    return ""
}

function checkProject() {
    same(failure(() => Project.current()), "no_project", "nothing is open")
    const [root] = tiled.scriptArguments
    const project = new Project(root)
    same(project.relative(`${root}/maps/x.tsx`), "maps/x.tsx", "a path in the project")
    same(project.relative("/elsewhere/x.tsx"), "", "a path outside of it")
    same(failure(() => project.absolute("../x.tsx")), "outside", "a path that leaves the project")
    same(project.runtime(), null, "a daemon's record that came with the project is not believed")
    same(new Project(`${root}/listed`).runtime().token, "of the list", "what the user's list says")
    const programs = (folder) => new Project(folder).launchers().map((words) => words[0])
    const [usual] = programs(root)
    same(programs(root).filter((path) => path.startsWith(root)), [], "no program is the project's")
    same(programs(root).filter((path) => !path.startsWith("/")), [], "every program has its whole path")
    same(programs(`${root}/own`).slice(0, 2), ["/bin/sh", usual], "the project's own launcher comes first")
    same(programs(`${root}/gone`)[0], usual, "a launcher that is gone is not tried")
}

function checkMaps() {
    const tileset = tiled.tilesetFormat("tsx").read("maps/art/land.tsx")
    const terrains = terrainsOf(tileset)
    same(terrainNamesOf(terrains), ["water", "sand", "grass"], "names of terrains")
    same([1, 2, 3].map((colour) => fullTile(terrains, colour).id), [0, 15, 30], "full tiles")
    same(fullTile(terrains, 4), null, "no such terrain")
    const map = new TileMap()
    map.setSize(3, 2)
    const layer = new TileLayer("ground")
    layer.width = 3
    layer.height = 2
    map.addLayer(layer)
    same(emptyLayer(map).name, "ground", "an empty layer")
    place(map, tileset, emptyLayer(map), fullTile(terrains, 2))
    same(map.tilesets.length, 1, "the tileset joined")
    const cells = [0, 1, 2, 3, 4, 5].map((cell) => layer.cellAt(cell % 3, Math.floor(cell / 3)).tileId)
    same(cells, [15, 15, 15, 15, 15, 15], "the layer is filled")
    same(emptyLayer(map), null, "a painted layer is not empty")
    const endless = new TileMap()
    endless.infinite = true
    endless.addLayer(new TileLayer("ground"))
    same(emptyLayer(endless), null, "a map without an end is not filled")
}

function checkActions() {
    const names = tiled.actions.filter((name) => name.startsWith("Assetbridge"))
    const wanted = ["Import", "New", "Regenerate", "Reroll", "Status"].map((name) => `Assetbridge${name}`)
    same(names.sort(), wanted, "actions without a window")
    for (const name of names) {
        tiled.trigger(name) // says that it needs a window, and does not wait for one
    }
}

for (const check of [checkPrices, checkAssets, checkProblems, checkWords, checkProject, checkMaps, checkActions]) {
    try {
        check()
    } catch (error) {
        tiled.log(`FAIL ${check.name}: ${error}\n${error.stack}`)
    }
}
tiled.log(`DONE ${count}`)

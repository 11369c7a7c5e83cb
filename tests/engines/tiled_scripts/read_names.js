// Writes the names that Tiled sees in the maps of maps.txt and in the tilesets of tilesets.txt to names.json: a list a
// file. Prints DONE and the number of files.

function mapNames(path) {
    const map = tiled.mapFormat("tmx").read(path)
    const names = [map.properties()]
    for (const layer of map.layers) {
        names.push(layer.name)
        for (const thing of layer.objects || []) {
            names.push([thing.name, thing.className, thing.properties()])
        }
    }
    return names
}

function tilesetNames(path) {
    const tileset = tiled.tilesetFormat("tsx").read(path)
    const set = tileset.wangSets[0]
    const colors = set ? Array.from({ length: set.colorCount }, (_, place) => set.colorName(place + 1)) : []
    const properties = {}
    for (const tile of tileset.tiles) {
        properties[tile.id] = tile.properties()
    }
    return [colors, properties]
}

function lines(name) {
    const input = new TextFile(name, TextFile.ReadOnly)
    const text = input.readAll()
    input.close()
    return text.split("\n")
}

const maps = lines("maps.txt").map(mapNames)
const tilesets = lines("tilesets.txt").map(tilesetNames)
const output = new TextFile("names.json", TextFile.WriteOnly)
output.write(JSON.stringify({ maps, tilesets }))
output.commit()
tiled.log(`DONE ${maps.length + tilesets.length}`)

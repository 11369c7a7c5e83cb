// Writes what Tiled sees in the maps named in maps.txt to terrains.json: a list a map, row by row, of the terrains on
// each cell's corners (north-west, north-east, south-west, south-east), or null for a cell without a terrain. Prints
// DONE and the number of maps.

const CORNERS = [7, 1, 5, 3]

function terrains(path) {
    const map = tiled.mapFormat("tmx").read(path)
    const layer = map.layerAt(0)
    const rows = []
    for (let y = 0; y < map.height; y++) {
        const row = []
        for (let x = 0; x < map.width; x++) {
            row.push(corners(layer.tileAt(x, y)))
        }
        rows.push(row)
    }
    return rows
}

function corners(tile) {
    const set = tile && tile.tileset.wangSets[0]
    const found = set ? set.wangId(tile).filter((_, place) => CORNERS.indexOf(place) !== -1) : []
    if (!found.some((color) => color > 0)) {
        return null
    }
    const id = set.wangId(tile)
    return CORNERS.map((place) => set.colorName(id[place]))
}

const input = new TextFile("maps.txt", TextFile.ReadOnly)
const paths = input.readAll().split("\n")
input.close()
const output = new TextFile("terrains.json", TextFile.WriteOnly)
output.write(JSON.stringify(paths.map(terrains)))
output.commit()
tiled.log(`DONE ${paths.length}`)

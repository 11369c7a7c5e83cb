// Paints the vertices of every plan in plans.json with Tiled's terrain brush on an empty layer, and writes the tile ids
// (-1: empty), row by row, to painted.json; a plan with the path of an empty map is
// painted there. Prints DONE and the number of plans: `--evaluate` itself always says that all is well.

function emptyMap(plan, width, height) {
    const tileset = tiled.tilesetFormat("tsx").read(plan.tileset)
    const map = new TileMap()
    map.orientation = plan.isometric ? TileMap.Isometric : TileMap.Orthogonal
    map.setSize(width, height)
    map.setTileSize(plan.grid[0], plan.grid[1])
    map.addTileset(tileset)
    const layer = new TileLayer("ground")
    layer.width = width
    layer.height = height
    map.addLayer(layer)
    return map
}

function painted(plan) {
    const width = plan.vertices[0].length - 1
    const height = plan.vertices.length - 1
    const map = plan.map ? tiled.mapFormat("tmx").read(plan.map) : emptyMap(plan, width, height)
    const tileset = map.tilesets[0]
    const layer = map.layerAt(0)
    const edit = layer.wangEdit(tileset.wangSets[0])
    plan.vertices.forEach((row, y) => row.forEach((terrain, x) => edit.setCorner(x, y, terrain + 1)))
    edit.apply()
    if (plan.map) {
        tiled.mapFormat("tmx").write(map, plan.map)
    }
    const rows = []
    for (let y = 0; y < height; y++) {
        const row = []
        for (let x = 0; x < width; x++) {
            row.push(layer.cellAt(x, y).tileId)
        }
        rows.push(row)
    }
    return rows
}

const input = new TextFile("plans.json", TextFile.ReadOnly)
const plans = JSON.parse(input.readAll())
input.close()
const output = new TextFile("painted.json", TextFile.WriteOnly)
output.write(JSON.stringify(plans.map(painted)))
output.commit()
tiled.log(`DONE ${plans.length}`)

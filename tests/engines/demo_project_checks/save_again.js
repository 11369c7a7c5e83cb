// Reads every file named in files.txt with Tiled and saves it again beside the original, with `.again` before the suffix.
// Prints DONE and the number of files at the end: `--evaluate` itself always says that all is well.

function again(path) {
    const dot = path.lastIndexOf(".")
    return path.slice(0, dot) + ".again" + path.slice(dot)
}

const list = new TextFile("files.txt", TextFile.ReadOnly)
const files = list.readAll().split("\n").filter((path) => path.length > 0)
list.close()
let saved = 0
for (const path of files) {
    const isMap = path.endsWith(".tmx")
    const format = isMap ? tiled.mapFormat("tmx") : tiled.tilesetFormat("tsx")
    const failure = format.write(format.read(path), again(path))
    if (failure) {
        tiled.log(`FAIL ${path}: ${failure}`)
    } else {
        saved += 1
    }
}
tiled.log(`DONE ${saved}`)

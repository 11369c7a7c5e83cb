/** Files in JSON. */

/** The object in a JSON file; null when it cannot be read (a sandbox, or someone just writes it) or holds none. */
export function readJson(path) {
    if (!File.exists(path)) {
        return null
    }
    let file = null
    try {
        file = new TextFile(path, TextFile.ReadOnly)
        file.codec = "UTF-8"
        const found = JSON.parse(file.readAll())
        return found !== null && typeof found === "object" ? found : null
    } catch (error) {
        return null
    } finally {
        if (file !== null) {
            file.close()
        }
    }
}

/** Where the assetbridge project lies, and what its files say about the daemon and the command. */

import { Problem } from "./problem.mjs"

const PROJECT_FILE = "assetbridge.toml"
const RUNTIME_FILE = ".assetbridge/daemon.json"
const LAUNCHER_FILE = ".assetbridge/launcher.json"
const NAME_ON_PATH = ["assetbridge"]

/** An assetbridge project. root: its folder, with slashes and none at the end. */
export class Project {
    constructor(root) {
        this.root = root
    }

    /**
     * The project that the open files belong to: the nearest folder with an assetbridge.toml above the active file,
     * else above Tiled's own project, else above any other open file.
     *
     * Throws the Problem `no_project`.
     */
    static current() {
        for (const folder of openFolders()) {
            const root = rootAbove(folder)
            if (root !== "") {
                return new Project(root)
            }
        }
        throw new Problem(
            "no_project",
            "no open file belongs to an assetbridge project",
            "Open a map or a Tiled project that lies in a folder with assetbridge.toml. "
                + "To make a folder one: assetbridge init",
        )
    }

    /** The absolute path of a project-relative one. */
    absolute(path) {
        return FileInfo.joinPaths(this.root, path)
    }

    /** The project-relative path of an absolute one; empty when it lies elsewhere. */
    relative(path) {
        const real = FileInfo.canonicalPath(path) || path
        const root = FileInfo.canonicalPath(this.root) || this.root
        return real.startsWith(`${root}/`) ? real.slice(root.length + 1) : ""
    }

    /** Where the daemon listens: {port, token}; null when none is known. It may have ended since. */
    runtime() {
        const facts = readJson(this.absolute(RUNTIME_FILE)) || this.usersEntry()
        return facts && facts.port > 0 && typeof facts.token === "string" ? facts : null
    }

    /** Commands that may start assetbridge, as lists of words, the likeliest first. */
    launchers() {
        const records = [readJson(this.absolute(LAUNCHER_FILE)), this.usersEntry()]
            .concat(usersFolders().map((folder) => readJson(`${folder}/launcher.json`)))
        const found = records.map((record) => record && record.launcher)
            // A recorded interpreter may have been removed since.
            .filter((words) => Array.isArray(words) && words.length > 0 && File.exists(words[0]))
        return found.concat([NAME_ON_PATH])
    }

    /** The line that does in a terminal what this extension cannot do by itself. */
    manualLine(verb) {
        return `assetbridge ${verb} --project "${FileInfo.toNativeSeparators(this.root)}"`
    }

    /** What the user's own list of daemons says of this project (for a Tiled that may not read hidden folders). */
    usersEntry() {
        const root = FileInfo.canonicalPath(this.root) || this.root
        for (const folder of usersFolders()) {
            const projects = (readJson(`${folder}/daemons.json`) || {}).projects || {}
            for (const path of Object.keys(projects)) {
                if (FileInfo.fromNativeSeparators(path) === root) {
                    return projects[path]
                }
            }
        }
        return null
    }
}

/** Folders in which assetbridge may keep the user's files (platformdirs' user_config_dir), also seen from a sandbox. */
function usersFolders() {
    const environment = new Process()
    const get = (name) => FileInfo.fromNativeSeparators(environment.getEnv(name))
    const home = get("HOME")
    const places = tiled.platform === "windows"
        ? [[get("LOCALAPPDATA"), "assetbridge/assetbridge"]]
        : [
            [get("XDG_CONFIG_HOME"), "assetbridge"],
            [get("HOST_XDG_CONFIG_HOME"), "assetbridge"], // what Flatpak calls the one outside
            [home, tiled.platform === "macos" ? "Library/Application Support/assetbridge" : ".config/assetbridge"],
        ]
    return places.filter(([folder]) => folder).map(([folder, path]) => `${folder}/${path}`)
}

/** The folders of what is open, the most telling first. */
function openFolders() {
    const files = []
    if (tiled.activeAsset) {
        files.push(tiled.activeAsset.fileName)
    }
    files.push(tiled.projectFilePath)
    for (const asset of tiled.openAssets) {
        files.push(asset.fileName)
    }
    const folders = files.filter((file) => file).map((file) => FileInfo.path(file))
    return tiled.project && tiled.project.folders ? folders.concat(tiled.project.folders) : folders
}

/** The nearest folder with an assetbridge.toml; empty when there is none. */
function rootAbove(folder) {
    let here = FileInfo.cleanPath(folder)
    for (;;) {
        if (File.exists(FileInfo.joinPaths(here, PROJECT_FILE))) {
            return here
        }
        const above = FileInfo.path(here)
        if (above === here || above === "" || above === ".") {
            return ""
        }
        here = above
    }
}

/** The object in a JSON file; null when it cannot be read (a sandbox, or someone just writes it) or holds none. */
function readJson(path) {
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

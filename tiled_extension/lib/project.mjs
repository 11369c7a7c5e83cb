/** Where the assetbridge project lies, where its daemon listens, and what starts assetbridge. */

import { readJson } from "./json_file.mjs"
import { Problem } from "./problem.mjs"
import { isShutIn, listLaunchers, listedDaemon } from "./user_files.mjs"

const PROJECT_FILE = "assetbridge.toml"
const RUNTIME_FILE = ".assetbridge/daemon.json"

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

    /**
     * The absolute path of a project-relative one.
     *
     * Throws the Problem `outside`.
     */
    absolute(path) {
        const full = FileInfo.cleanPath(FileInfo.joinPaths(this.root, path))
        if (!full.startsWith(this.root.endsWith("/") ? this.root : `${this.root}/`)) {
            throw new Problem("outside", `${path} lies outside of the project`, "Look at its targets.")
        }
        return full
    }

    /** The project-relative path of an absolute one; empty when it lies elsewhere. */
    relative(path) {
        const real = FileInfo.canonicalPath(path) || path
        const root = FileInfo.canonicalPath(this.root) || this.root
        return real.startsWith(`${root}/`) ? real.slice(root.length + 1) : ""
    }

    /**
     * Where the daemon listens: {port, token, nonce}; null when none is known. It may have ended since. The user's own
     * list says so, for the file in the project may have come with a clone or a copied folder.
     */
    runtime() {
        const record = isShutIn() ? readJson(this.absolute(RUNTIME_FILE)) : listedDaemon(this.root)
        return isWhole(record) ? record : null
    }

    /** Commands that may start assetbridge, as lists of words, the likeliest first. None is the project's. */
    launchers() {
        return listLaunchers(this.root)
    }

    /** The line that does in a terminal what this extension cannot do by itself. */
    manualLine(verb) {
        return `assetbridge ${verb} --project "${FileInfo.toNativeSeparators(this.root)}"`
    }
}

function isWhole(record) {
    return record !== null && record.port > 0 && [record.token, record.nonce].every((text) => typeof text === "string")
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

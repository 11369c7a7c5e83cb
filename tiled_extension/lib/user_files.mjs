/**
 * What assetbridge keeps in the user's own settings: how it is started, and which daemons run.
 *
 * A file of the project may come from a stranger; these were written by the user's own commands. Whether others may
 * write them assetbridge itself looks at: Tiled's scripts are not told modes and owners.
 */

import { readJson } from "./json_file.mjs"

const NAME = "assetbridge"
const LAUNCHERS = "launchers.json"
const DAEMONS = "daemons.json"
const ROOT_OF_DRIVE = /^([A-Za-z]:[\\/]|[\\/]{2})/

/** Commands that may start assetbridge for a project, as lists of words, the likeliest first. */
export function listLaunchers(root) {
    const found = []
    for (const facts of read(LAUNCHERS)) {
        found.push(entryOf(facts, root), facts.default)
    }
    return found.filter(canStart).concat(onPath(root).map((path) => [path]))
}

/** What the list of daemons says of a project; null when it is not in it. */
export function listedDaemon(root) {
    return read(DAEMONS).map((facts) => entryOf(facts, root)).find((record) => record) || null
}

/** Whether Tiled runs where the user's settings are hidden from it, and has no other word than the project's file. */
export function isShutIn() {
    return (variable("FLATPAK_ID") !== "" || variable("SNAP") !== "") && read(DAEMONS).length === 0
}

function entryOf(facts, root) {
    const projects = facts.projects || {}
    const path = Object.keys(projects).find((one) => normal(one) === normal(FileInfo.canonicalPath(root) || root))
    return path === undefined ? null : projects[path]
}

/** Whether the words start a program that is there. The system must not have to look for it. */
function canStart(words) {
    return Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === "string")
        // A recorded interpreter may have been removed since.
        && isAbsolute(words[0]) && File.exists(words[0])
}

/**
 * Where PATH has the program. Folders that are relative, or that lie in the project, do not count; Windows itself would
 * look into the working folder first.
 */
function onPath(root) {
    const isWindows = tiled.platform === "windows"
    const inside = [root, FileInfo.canonicalPath(root) || root].map((folder) => `${normal(folder)}/`)
    return variable("PATH").split(isWindows ? ";" : ":")
        .filter((folder) => isAbsolute(folder))
        .map((folder) => FileInfo.joinPaths(folder, isWindows ? `${NAME}.exe` : NAME))
        .filter((path) => File.exists(path))
        .filter((path) => [path, FileInfo.canonicalPath(path) || path]
            .every((place) => inside.every((folder) => !normal(place).startsWith(folder))))
}

function isAbsolute(path) {
    return tiled.platform === "windows" ? ROOT_OF_DRIVE.test(path) : path.startsWith("/")
}

/** A path in the form in which two of them are compared. */
function normal(path) {
    const clean = FileInfo.cleanPath(FileInfo.fromNativeSeparators(path)).normalize("NFC")
    return tiled.platform === "windows" || tiled.platform === "macos" ? clean.toLowerCase() : clean
}

/** The objects in the files of a name, of each folder that has one. */
function read(file) {
    return folders().map((folder) => readJson(`${folder}/${file}`)).filter((facts) => facts !== null)
}

/** Folders in which assetbridge may keep the user's files (platformdirs' user_config_dir), also seen from a sandbox. */
function folders() {
    const places = tiled.platform === "windows"
        ? [["LOCALAPPDATA", "assetbridge/assetbridge"]]
        : [
            ["XDG_CONFIG_HOME", "assetbridge"],
            ["HOST_XDG_CONFIG_HOME", "assetbridge"], // what Flatpak calls the one outside
            ["HOME", tiled.platform === "macos" ? "Library/Application Support/assetbridge" : ".config/assetbridge"],
        ]
    return places.map(([name, path]) => [FileInfo.fromNativeSeparators(variable(name)), path])
        .filter(([folder]) => isAbsolute(folder))
        .map(([folder, path]) => FileInfo.joinPaths(folder, path))
        .filter((folder, place, all) => all.indexOf(folder) === place)
}

function variable(name) {
    return new Process().getEnv(name) || ""
}

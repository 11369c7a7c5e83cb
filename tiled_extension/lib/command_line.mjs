/** Assetbridge over its command line, for when there is no daemon. Offers the same methods as `Daemon`. */

import { Problem } from "./problem.mjs"
import { pause, run } from "./tasks.mjs"

const LOOK_MS = 100
// A build says at least every few seconds what it does; nothing at all for so long means that it died.
const SILENCE_MS = 180000

/** The project's command: the first of its launchers that runs; null when none does (a sandbox, or not installed). */
export function findCommand(project) {
    for (const launcher of project.launchers()) {
        // A Process is never closed here: Tiled closes it again when it is collected, and throws into what runs then.
        const process = new Process()
        process.workingDirectory = folderOf(launcher)
        if (process.exec(launcher[0], launcher.slice(1).concat(["--version"]), false) === 0) {
            return new CommandLine(project, launcher)
        }
    }
    return null
}

/** Where it runs: systems look for parts of programs in the working folder, and that of a project may be anybody's. */
function folderOf(launcher) {
    return FileInfo.path(FileInfo.fromNativeSeparators(launcher[0]))
}

export class CommandLine {
    constructor(project, launcher) {
        this.project = project
        this.launcher = launcher
        this.description = "no daemon: the command line does the work"
        this.process = null
    }

    assets() {
        return this.document(["status", "--json"]).then((answer) => answer.assets)
    }

    /** Unknown without building; a build says it. */
    files() {
        return Promise.resolve([])
    }

    plan() {
        return this.document(["plan", "--json"])
    }

    /** Whether the user trusts the project: {trusted, changes: [{key, says}]}. */
    trust() {
        return this.document(["trust", "--json"])
    }

    providers() {
        return this.document(["providers", "--json"]).then((answer) => answer.providers)
    }

    create(spec) {
        const words = ["new", spec.kind, spec.id, "--json"]
        if (spec.description) {
            words.push("--description", spec.description)
        }
        if (spec.provider) {
            words.push("--provider", spec.provider)
        }
        for (const terrain of spec.terrains) {
            words.push("--terrain", terrain)
        }
        words.push("--tile-size", String(spec.tile_size))
        return this.document(words)
    }

    reroll(asset) {
        return this.document(["reroll", asset.id, "--json"]).then((answer) => answer.take)
    }

    cancel() {
        if (this.process !== null) {
            this.process.terminate()
        }
        return Promise.resolve()
    }

    build(asset, approval, heard) {
        const words = ["build", asset.id, "--events"]
        for (const unit of approval ? Object.keys(approval.caps) : []) {
            words.push("--max-cost", `${unit}=${approval.caps[unit]}`)
        }
        if (approval) {
            words.push("--yes")
        }
        let result = { state: "failed", error: null, files: [], notes: [] }
        return this.lines(words, (event) => {
            if (event.id === asset.id) {
                heard(event)
            }
            if (event.event === "asset" && event.id === asset.id) {
                const files = event.outputs.tiled || []
                result = { state: event.state, error: event.error, files, notes: event.notes || [] }
            }
        }).then(() => result)
    }

    /** Starts the daemon; the promise of nothing, once it answers. */
    startDaemon() {
        return this.document(["daemon", "start", "--json"])
    }

    /** Runs a command that prints one document; its promise. */
    document(words) {
        let found = {}
        return this.lines(words, (line) => { found = line }).then(() => found)
    }

    /**
     * Runs a command that prints JSON objects, a line each, and calls `heard` with every one. An object without
     * `event`, or the event `done`, is the last.
     *
     * The promise fails with the Problem that the command tells, or with `no_answer`.
     */
    lines(words, heard) {
        const line = this
        return run(function* () {
            const process = line.begun(words)
            let text = ""
            let silence = 0
            try {
                while (silence < SILENCE_MS) {
                    const more = process.readStdOut()
                    silence = more === "" ? silence + LOOK_MS : 0
                    text += more
                    const parts = text.split("\n")
                    text = parts.pop()
                    for (const part of parts) {
                        const found = parsed(part)
                        if (found !== null && found.error && !found.event) {
                            throw Problem.of(found.error)
                        }
                        if (found !== null) {
                            heard(found)
                        }
                        if (found !== null && (!found.event || found.event === "done")) {
                            return
                        }
                    }
                    yield pause(LOOK_MS)
                }
                throw new Problem("no_answer", "assetbridge gave no answer", line.project.manualLine(words[0]))
            } finally {
                line.process = null
            }
        })
    }

    /** The running process; a field keeps it, for one that nothing refers to is killed. */
    begun(words) {
        const process = new Process()
        process.codec = "UTF-8"
        process.setEnv("PYTHONUTF8", "1")
        process.workingDirectory = folderOf(this.launcher)
        const all = this.launcher.slice(1).concat(words, ["--project", this.project.root])
        if (!process.start(this.launcher[0], all)) {
            throw new Problem("no_command", `${this.launcher[0]} cannot be started`, "assetbridge install-addon tiled")
        }
        process.closeWriteChannel()
        this.process = process
        return process
    }
}

function parsed(text) {
    try {
        const found = JSON.parse(text)
        return found !== null && typeof found === "object" ? found : null
    } catch (error) {
        return null
    }
}

/** Reaching assetbridge: its daemon, started where needed; else its command line. */

import { findCommand } from "./command_line.mjs"
import { Daemon } from "./daemon.mjs"
import { Form } from "./form.mjs"
import { Problem, sentence } from "./problem.mjs"
import { pause, run } from "./tasks.mjs"
import { visible } from "./words.mjs"

const LOOK_MS = 1000

/** The promise of a Daemon or a CommandLine for the project; null when the user gave up. */
export function connected(project) {
    return run(function* () {
        const daemon = yield Daemon.find(project)
        if (daemon !== null) {
            return daemon
        }
        const command = findCommand(project)
        return command === null ? yield waitedFor(project) : yield started(project, command)
    })
}

/** Starts the daemon; the command line itself when the daemon cannot be reached. */
function* starting(project, command) {
    const form = new Form("Assetbridge")
    form.text("text", "Starting the assetbridge daemon…")
    form.shown()
    try {
        yield command.startDaemon()
        const daemon = yield Daemon.find(project)
        return daemon === null ? command : daemon
    } catch (error) {
        if (error instanceof Problem && error.code === "daemon_failed") {
            tiled.log(visible(`assetbridge: ${sentence(error.message)} ${error.hint} Going on without it.`))
            return command
        }
        throw error
    } finally {
        form.end()
    }
}

function started(project, command) {
    return run(starting, project, command)
}

/** Tells how to start the daemon by hand and goes on by itself once it answers. */
function* waiting(project) {
    const form = new Form("Assetbridge")
    form.text(
        "text",
        "Assetbridge cannot be started from here: it is not installed, not on the PATH, or Tiled runs in a sandbox "
            + "(Flatpak, Snap).\n\n"
            + "Start its daemon in a terminal; this window goes on by itself then:\n\n"
            + `${project.manualLine("daemon start")}\n`
            + "\n\nTo install it: pipx install assetbridge, then assetbridge install-addon tiled",
    )
    form.buttons([["close", "Close"]])
    form.shown()
    while (!form.closed) {
        const daemon = yield Daemon.find(project)
        if (daemon !== null) {
            form.end()
            return daemon
        }
        yield pause(LOOK_MS)
    }
    return null
}

function waitedFor(project) {
    return run(waiting, project)
}

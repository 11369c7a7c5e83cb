/**
 * An extension for tests: fetches pieces of script from the test and sends back what they return.
 *
 * A piece is the body of a function of (forms, tools): the open windows of the extension under test, and the functions
 * below. With `until` it is evaluated again and again, for so many seconds, until it returns something true.
 */

import { open } from "../assetbridge/lib/form.mjs"
import { isBusy } from "../assetbridge/lib/tasks.mjs"

const environment = new Process()
const BASE = environment.getEnv("TILED_DRIVER")
const LOOK_MS = 20
const keep = []

const tools = {
    /** The open window whose title or first text contains the words; null without. */
    form(words) {
        return open.find((form) => {
            const said = form.title + (form.widgets.text ? form.widgets.text.text : "")
            return said.indexOf(words) !== -1
        }) || null
    },
    /** Whether no window is open and no action is at work. */
    idle() {
        return open.length === 0 && !isBusy()
    },
    /** Presses a button of the newest window. */
    press(name) {
        const button = open[open.length - 1].widgets[name]
        if (!button.enabled) {
            throw new Error(`${name} is disabled`)
        }
        button.click()
        return true
    },
    /** The tile ids of a layer, row by row. */
    tiles(layer) {
        const rows = []
        for (let y = 0; y < layer.height; y += 1) {
            const row = []
            for (let x = 0; x < layer.width; x += 1) {
                row.push(layer.cellAt(x, y).tileId)
            }
            rows.push(row)
        }
        return rows
    },
    /** The middle of a widget on the screen, [x, y], when windows have no frame. */
    middle(form, name) {
        const widget = form.widgets[name]
        return [form.dialog.x + widget.x + widget.width / 2, form.dialog.y + widget.y + widget.height / 2]
    },
}

function described(form) {
    const texts = ["text", "note"].map((name) => form.widgets[name]).filter((widget) => widget)
    return [form.title].concat(texts.map((widget) => widget.text)).join(": ")
}

function send(method, path, body, done) {
    const request = new XMLHttpRequest()
    keep.push(request)
    request.onreadystatechange = () => {
        if (request.readyState === XMLHttpRequest.DONE) {
            keep.splice(keep.indexOf(request), 1)
            done(request)
        }
    }
    request.open(method, BASE + path)
    request.send(body)
}

function answer(fields) {
    send("POST", "/answer", JSON.stringify(fields), next)
}

function next() {
    send("GET", "/next", null, (request) => {
        if (request.status !== 200) {
            return
        }
        const asked = JSON.parse(request.responseText)
        let piece = null
        try {
            piece = new Function("forms", "tools", asked.script)
        } catch (error) {
            answer({ error: String(error) })
            return
        }
        evaluate(piece, asked.until ? Date.now() + asked.until * 1000 : 0)
    })
}

function evaluate(piece, deadline) {
    let value
    // What nothing refers to may go at any time: better now than on a user's machine.
    gc()
    try {
        value = piece(open, tools)
    } catch (error) {
        answer({ error: `${error}\n${error.stack}` })
        return
    }
    if (!value && deadline > 0 && Date.now() > deadline) {
        answer({ error: `it did not become true; open windows: ${open.map(described).join("; ") || "none"}` })
        return
    }
    if (!value && deadline > 0) {
        const timer = Qt.createQmlObject(`import QtQml 2.15; Timer { interval: ${LOOK_MS} }`, tiled)
        timer.triggered.connect(() => {
            timer.destroy()
            evaluate(piece, deadline)
        })
        timer.start()
        return
    }
    answer({ value: value === undefined ? null : value })
}

if (BASE && tiled.mapEditor) {
    next()
}

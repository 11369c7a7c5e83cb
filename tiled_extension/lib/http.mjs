/** Requests to the daemon on this machine. */

import { Problem } from "./problem.mjs"
import { later } from "./tasks.mjs"

const PATIENCE_MS = 60000

// A request that nothing refers to may be collected before its answer comes.
const pending = []

/** The daemon's address and secret. */
export class Address {
    constructor(port, token) {
        this.port = port
        this.token = token
    }

    /**
     * One request; the promise of the JSON object of the answer.
     *
     * Fails with a Problem: what the daemon says, or `unreachable` when nobody answers within `patience` milliseconds.
     */
    request(method, path, body = null, patience = PATIENCE_MS) {
        return new Promise((resolve, reject) => {
            const request = new XMLHttpRequest()
            pending.push(request)
            const stopWaiting = later(patience, () => request.abort())
            let status = 0
            let text = ""
            request.onreadystatechange = () => {
                if (request.readyState < XMLHttpRequest.HEADERS_RECEIVED) {
                    return
                }
                // Of some refusals (409 among them) Qt forgets status and body once they are complete.
                status = request.status || status
                text = request.responseText || text
                if (request.readyState !== XMLHttpRequest.DONE || pending.indexOf(request) === -1) {
                    return
                }
                pending.splice(pending.indexOf(request), 1)
                stopWaiting()
                answered(status, text, resolve, reject)
            }
            request.open(method, `http://127.0.0.1:${this.port}${path}`)
            request.setRequestHeader("Authorization", `Bearer ${this.token}`)
            if (body === null) {
                request.send()
            } else {
                request.setRequestHeader("Content-Type", "application/json")
                request.send(JSON.stringify(body))
            }
        })
    }
}

function answered(status, text, resolve, reject) {
    let found = null
    try {
        found = JSON.parse(text)
    } catch (error) {
        found = null
    }
    if (status >= 200 && status < 300 && found !== null) {
        resolve(found)
    } else if (found !== null && found.error) {
        reject(Problem.of(found.error))
    } else {
        const hint = "Choose the action again: it starts the daemon."
        reject(new Problem("unreachable", "the daemon does not answer", hint))
    }
}

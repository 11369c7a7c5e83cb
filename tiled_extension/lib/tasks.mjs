/**
 * Work that waits without freezing Tiled: generator functions that yield promises, since the dialect has no `await`.
 */

import { Problem } from "./problem.mjs"
import { showProblem } from "./message.mjs"

let running = null

/** Runs a generator function; the promise of what it returns. A yielded promise's failure is thrown inside it. */
export function run(work, ...words) {
    return new Promise((resolve, reject) => {
        const steps = work(...words)
        const go = (method, value) => {
            let step
            try {
                step = steps[method](value)
            } catch (error) {
                reject(error)
                return
            }
            if (step.done) {
                resolve(step.value)
            } else {
                Promise.resolve(step.value).then((found) => go("next", found), (error) => go("throw", error))
            }
        }
        go("next")
    })
}

/** Whether what an action of the menu does is not through yet. */
export function isBusy() {
    return running !== null
}

/** Runs what an action of the menu does and tells what went wrong. While one runs, another is not begun. */
export function begin(work) {
    if (isBusy()) {
        showProblem(new Problem("busy", "assetbridge is still at work", "Finish or close its open window first."))
        return running
    }
    const end = () => { running = null }
    running = run(work).then(end, (error) => {
        end()
        showProblem(error instanceof Problem ? error : new Problem("defect", `the extension failed: ${error}`))
    })
    return running
}

/** Calls back after some milliseconds; returns a function that prevents it. */
export function later(milliseconds, call) {
    // The language has no timers, but QML has; the parent keeps this one alive.
    const timer = Qt.createQmlObject("import QtQml 2.15; Timer {}", tiled)
    timer.interval = milliseconds
    const end = () => {
        timer.stop()
        timer.destroy()
    }
    timer.triggered.connect(() => {
        end()
        call()
    })
    timer.start()
    return end
}

/** A promise that is kept after some milliseconds. */
export function pause(milliseconds) {
    return new Promise((resolve) => later(milliseconds, resolve))
}

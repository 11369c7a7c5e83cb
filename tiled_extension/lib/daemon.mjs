/** Assetbridge over its daemon. `CommandLine` offers the same methods. */

import { Address } from "./http.mjs"
import { Problem } from "./problem.mjs"
import { run } from "./tasks.mjs"
import { VERSION, isCompatible } from "./version.mjs"

const GREETING_MS = 10000
const WAIT_SECONDS = 25
// Longer than the daemon waits with its answer.
const POLL_MS = (WAIT_SECONDS + 15) * 1000

export class Daemon {
    constructor(address, health) {
        this.address = address
        this.version = health.version
        this.description = `daemon ${health.version}, port ${address.port}`
    }

    /**
     * The promise of the project's daemon; null when none answers.
     *
     * Fails with the Problem `other_version`.
     */
    static find(project) {
        return run(function* () {
            const runtime = project.runtime()
            if (runtime === null) {
                return null
            }
            const address = new Address(runtime.port, runtime.token)
            let health
            try {
                const path = `/v1/health?root=${encodeURIComponent(project.root)}`
                health = yield address.request("GET", path, null, GREETING_MS)
            } catch (error) {
                // A dead daemon's file stays behind, and its port may serve a stranger by now.
                return null
            }
            // Nothing else is sent before it named itself, and this folder: a copied folder has the file of another.
            if (health.nonce !== runtime.nonce || health.serves !== true) {
                return null
            }
            if (!isCompatible(health.version)) {
                throw new Problem(
                    "other_version",
                    `the daemon is version ${health.version}, this extension is ${VERSION}`,
                    "Update both: assetbridge install-addon tiled, then assetbridge daemon stop",
                )
            }
            return new Daemon(address, health)
        })
    }

    /** Every asset: [{id, key, kind, state, error, progress}]. */
    assets() {
        return this.address.request("GET", "/v1/assets").then((answer) => answer.assets)
    }

    /** Files of an asset in Tiled's formats, project-relative. */
    files(asset) {
        return this.address.request("GET", `/v1/assets/${asset.key}`).then((answer) => answer.outputs.tiled || [])
    }

    /** The plan: {digest, assets: [{id, steps, error}], providers: [{provider, unit, balance}] it would buy from}. */
    plan() {
        return this.address.request("GET", "/v1/plan?balance=1")
    }

    /** Who can draw, with keys and budgets; balances only where they are asked for, for that takes a while. */
    providers(balance = false) {
        return this.address.request("GET", balance ? "/v1/providers?balance=1" : "/v1/providers")
            .then((answer) => answer.providers)
    }

    /** Whether the user trusts the project: {trusted, changes: [{key, says}]}. */
    trust() {
        return this.address.request("GET", "/v1/trust")
    }

    /** Writes a new spec of {kind, id, terrains, tile_size, description, provider}; its asset. */
    create(spec) {
        return this.address.request("POST", "/v1/specs", spec)
    }

    /** Asks for another take in the spec; its number. */
    reroll(asset) {
        return this.address.request("POST", `/v1/assets/${asset.key}/reroll`, {}).then((answer) => answer.take)
    }

    /** Takes an asset out of what waits and runs. */
    cancel(asset) {
        return this.address.request("POST", `/v1/assets/${asset.key}/cancel`, {})
    }

    /**
     * Builds an asset; the promise of {state, error, files, notes}. approval: null spends inside budgets alone,
     * {digest, caps} what that plan says, at most `caps` by unit. heard: called with ({state, progress, step}) as it
     * goes on.
     */
    build(asset, approval, heard) {
        const path = `/v1/assets/${asset.key}/${approval ? "approve" : "build"}`
        const body = approval ? { digest: approval.digest, max_cost: approval.caps } : {}
        const daemon = this
        return run(function* () {
            const asked = yield daemon.address.request("POST", path, body)
            let notes = []
            const end = yield daemon.followed(asset, asked.request, asked.cursor, (event) => {
                notes = event.notes || notes
                heard(event)
            })
            const rows = yield daemon.assets()
            const row = rows.find((one) => one.id === asset.id)
            const files = row ? yield daemon.files(asset) : []
            const error = end.error || (row && row.error) || null
            return { state: row ? row.state : "orphan", error, files, notes }
        })
    }

    /** Follows the events of a build to its end; the promise of {error}. */
    followed(asset, request, from, heard) {
        const daemon = this
        return run(function* () {
            let cursor = from
            for (;;) {
                const path = `/v1/events?after=${encodeURIComponent(cursor)}&wait=${WAIT_SECONDS}`
                const answer = yield daemon.address.request("GET", path, null, POLL_MS)
                for (const event of answer.events) {
                    if (event.type === "done" && event.request === request) {
                        return { error: event.error }
                    }
                    if (event.type === "reset" && !(yield daemon.isBusy(asset))) {
                        return { error: null }
                    }
                    if (event.id === asset.id) {
                        heard(event)
                    }
                }
                cursor = answer.cursor
            }
        })
    }

    isBusy(asset) {
        return this.assets().then((rows) => rows.some(
            (row) => row.id === asset.id && (row.state === "queued" || row.state === "building"),
        ))
    }

    /** Ends the daemon; what runs ends at its next safe point. */
    stop() {
        return this.address.request("POST", "/v1/shutdown", {})
    }
}

/** The version of this extension: that of the assetbridge it comes with. */
export const VERSION = "0.1.0"

/** Whether an assetbridge of another version can be talked to: the first number says so. */
export function isCompatible(version) {
    return String(version).split(".")[0] === VERSION.split(".")[0]
}

// AssetPack on a folder: node use_assetpack.mjs MODULES FOLDER OUT pack|nothing|watch
// pack: FOLDER, whose name has the tag {tps} and which stands in a folder of its own, becomes a sheet, without a cache.
// watch: as pack, after every save. nothing: no pipes, with its cache.
import path from "node:path";
import { pathToFileURL } from "node:url";

const [modules, folder, out, what] = process.argv.slice(2);
const at = (file) => pathToFileURL(path.join(modules, "node_modules/@assetpack/core/dist", file)).href;
const { AssetPack } = await import(at("core/index.js"));
const { texturePacker } = await import(at("texture-packer/index.js"));
const sheets = texturePacker({
  texturePacker: { padding: 1, allowRotation: false, allowTrim: true, removeFileExtension: true },
  resolutionOptions: { resolutions: { default: 1 }, maximumTextureSize: 4096 },
});
const pack = new AssetPack({
  entry: what === "nothing" ? folder : path.dirname(folder), output: out, cache: what === "nothing", cacheLocation: path.join(out, "..", ".assetpack"),
  pipes: what === "nothing" ? [] : [sheets], logLevel: "error",
});
if (what === "watch") {
  await pack.watch();
} else {
  await pack.run();
}

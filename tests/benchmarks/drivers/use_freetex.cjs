// free-tex-packer-core on a folder: node use_freetex.cjs MODULES FRAMES OUT MaxRectsBin|OptimalPacker
const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");

const [modules, frames, out, packer] = process.argv.slice(2);
const pack = createRequire(path.join(modules, "node_modules", "_"))("free-tex-packer-core");
const images = fs.readdirSync(frames).sort().map((name) => ({
  path: name,
  contents: fs.readFileSync(path.join(frames, name)),
}));
const options = {
  textureName: "sheet", width: 4096, height: 4096, padding: 1, packer,
  allowRotation: false, allowTrim: true, detectIdentical: true, removeFileExtension: true, exporter: "JsonHash",
};
pack(images, options, (files, error) => {
  if (error) throw error;
  for (const file of files) fs.writeFileSync(path.join(out, file.name), file.buffer);
});

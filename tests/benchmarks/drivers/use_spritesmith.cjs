// spritesmith on a folder: node use_spritesmith.cjs MODULES FRAMES OUT. It neither trims nor merges.
const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");

const [modules, frames, out] = process.argv.slice(2);
const Spritesmith = createRequire(path.join(modules, "node_modules", "_"))("spritesmith");
const src = fs.readdirSync(frames).sort().map((name) => path.join(frames, name));
Spritesmith.run({ src, padding: 1 }, (error, result) => {
  if (error) throw error;
  const named = {};
  for (const [file, { x, y, width, height }] of Object.entries(result.coordinates)) {
    named[path.basename(file, ".png")] = {
      frame: { x, y, w: width, h: height },
      spriteSourceSize: { x: 0, y: 0, w: width, h: height },
      sourceSize: { w: width, h: height },
    };
  }
  fs.writeFileSync(path.join(out, "sheet.png"), result.image);
  fs.writeFileSync(path.join(out, "sheet.json"), JSON.stringify({ frames: named }));
});

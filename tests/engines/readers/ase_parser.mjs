// Reads .aseprite files by ase-parser and prints what it found. Arguments: the library, then the files.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const [library, ...paths] = process.argv.slice(2);
const Aseprite = createRequire(import.meta.url)(library);
const files = [];
for (const path of paths) {
  const file = new Aseprite(await readFile(path), path);
  file.parse();
  files.push({
    size: [file.width, file.height],
    durations: file.frames.map((frame) => frame.frameDuration),
    cels: file.frames.map((frame) => frame.cels.map(({ xpos, ypos, w, h, rawCelData }) => ({ xpos, ypos, w, h, pixels: rawCelData.toString("base64") }))),
    tags: file.tags.map(({ name, from, to, animDirection, repeat }) => ({ name, from, to, animDirection, repeat })),
    colors: file.palette?.colors.length ?? 0,
    layers: file.layers.map(({ name, flags, opacity }) => ({ name, flags, opacity })),
    slices: file.slices,
  });
}
process.stdout.write(JSON.stringify(files));

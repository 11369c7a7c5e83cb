// PixiJS 7 and 8: Assets.load of a sheet, its animations, and sprites with their textures' own anchors.
import { readCanvas } from "./pixels.js";

export async function makePixi7(PIXI) {
  PIXI.settings.ROUND_PIXELS = true;
  PIXI.BaseTexture.defaultOptions.scaleMode = PIXI.SCALE_MODES.NEAREST;
  const renderer = new PIXI.Renderer({ backgroundAlpha: 0, preserveDrawingBuffer: true, antialias: false });
  return { open: (job) => open(PIXI, job, (stage) => (renderer.resize(...job.size), renderer.render(stage), renderer.view)) };
}

export async function makePixi8(PIXI) {
  PIXI.TextureSource.defaultOptions.scaleMode = "nearest";
  const renderer = new PIXI.WebGLRenderer();
  await renderer.init({ backgroundAlpha: 0, preserveDrawingBuffer: true, antialias: false, roundPixels: true });
  return { open: (job) => open(PIXI, job, (stage) => (renderer.resize(...job.size), renderer.render(stage), renderer.canvas)) };
}

async function open(PIXI, job, render) {
  // Whichever page is loaded brings the others: of several it is the last.
  const url = `${job.base}${job.documents.at(-1)}`;
  const sheet = await PIXI.Assets.load(url);
  const sheets = [sheet, ...sheet.linkedSheets];
  const clips = Object.fromEntries(job.clips.map((clip) => [clip.name, describe(sheets, clip, job)]));
  return {
    clips: Object.fromEntries(Object.entries(clips).filter(([, clip]) => clip.frames.length)),
    pivot: job.preset === "pixi",
    draw: async (places) => draw(PIXI, places, job, render),
    // Sheets stay in the cache, as in a game: an asset with the same names would be drawn in place of another.
    close: async () => {},
  };
}

function describe(sheets, clip, job) {
  const names = clip.cells.map((cell) => cell.name);
  const own = sheets.find((sheet) => clip.name in sheet.animations);
  let frames = own?.animations[clip.name] ?? [];
  if (!own) frames = names.map((name) => find(sheets, name)).filter(Boolean);
  const durations = names.map((name) => sheets.find((sheet) => name in sheet.data.frames)?.data.frames[name].duration);
  return { frames: frames.map((texture, index) => ({ texture, name: names[index] })), durations, loop: null };
}

function find(sheets, name) {
  return sheets.map((sheet) => sheet.textures[name]).find(Boolean);
}

function draw(PIXI, places, job, render) {
  const stage = new PIXI.Container();
  for (const place of places) {
    // By name out of the global cache, where a frame of another asset would be found.
    const cached = PIXI.Assets.cache.has(place.frame.name) ? PIXI.Assets.get(place.frame.name) : place.frame.texture;
    const sprite = new PIXI.Sprite(job.preset === "pixi" ? cached : place.frame.texture);
    const pivot = job.preset === "pixi" ? job.pivot : [0, 0];
    sprite.position.set(place.x + pivot[0], place.y + pivot[1]);
    stage.addChild(sprite);
  }
  const pixels = readCanvas(render(stage), job.size);
  stage.destroy({ children: true });
  return pixels;
}

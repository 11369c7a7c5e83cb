// melonJS: TextureAtlas of sheet JSON, animations with their own delays, the regions' anchor points.
import * as me from "/lib/melonjs-20-7-0/build/index.js";
import { fetchJson, readCanvas } from "./pixels.js";

export async function makeMelon() {
  const app = new me.Application(256, 128, { renderer: me.video.CANVAS, transparent: true, consoleHeader: false });
  await app.init?.();
  return { open: (job) => open(app, job) };
}

// melonJS knows images by the names of their files, which two assets may share: one sheet is loaded under a name of its own
// and handed over, several are found by the names in their `meta`.
async function open(app, job) {
  const documents = await Promise.all(job.documents.map((name) => fetchJson(job.base + name)));
  const isOne = documents.length === 1;
  const names = documents.map(({ meta }) => (isOne ? job.asset.replace("/", "_") : meta.image.replace(".png", "")));
  for (const [index, { meta }] of documents.entries())
    await new Promise((done, fail) =>
      me.loader.load({ name: names[index], type: "image", src: job.base + meta.image }, done, fail),
    );
  const image = me.loader.getImage(names[0]);
  const atlas = isOne ? new me.TextureAtlas(documents[0], image) : new me.TextureAtlas(documents);
  const sprite = atlas.createAnimationFromName();
  const clips = job.preset === "aseprite" ? readTags(sprite) : readNames(atlas, job);
  return {
    clips,
    pivot: true,
    draw: async (places) => draw(app, atlas, sprite, places, job),
    async close() {
      for (const name of names) me.loader.unload({ name, type: "image" });
    },
  };
}

function readTags(sprite) {
  const list = sprite.getAnimationNames().map((name) => {
    const frames = sprite.anim[name].frames;
    const durations = frames.map((frame) => frame.delay);
    return [name, { frames: frames.map((_, frame) => ({ name, frame })), durations, loop: null }];
  });
  return Object.fromEntries(list.filter(([name]) => name !== "default"));
}

function readNames(atlas, job) {
  const list = job.clips.map((clip) => {
    const names = clip.cells.map((cell) => cell.name).filter((name) => atlas.getRegion(name));
    return [clip.name, { frames: names.map((name) => ({ region: name })), durations: null, loop: null }];
  });
  return Object.fromEntries(list);
}

function draw(app, atlas, sprite, places, job) {
  const renderer = app.renderer;
  renderer.getContext().clearRect(0, 0, ...job.size);
  for (const place of places) {
    let shown = sprite;
    if (place.frame.region) shown = atlas.createSpriteFromName(place.frame.region);
    else {
      sprite.setCurrentAnimation(place.frame.name);
      sprite.setAnimationFrame(place.frame.frame);
    }
    shown.pos.set(place.x + job.pivot[0], place.y + job.pivot[1]);
    shown.preDraw(renderer);
    shown.draw(renderer);
    shown.postDraw(renderer);
  }
  renderer.flush();
  return readCanvas(renderer.getCanvas(), job.size);
}

// Phaser 3 and 4: load.aseprite with createFromAseprite, load.multiatlas with load.animation, load.atlas.
import { readCanvas } from "./pixels.js";

export async function makePhaser(Phaser) {
  const scene = await new Promise((ready) => {
    new Phaser.Game({
      type: Phaser.WEBGL,
      width: 256,
      height: 128,
      transparent: true,
      pixelArt: true,
      banner: false,
      autoFocus: false,
      audio: { noAudio: true },
      render: { preserveDrawingBuffer: true },
      scene: { create() { ready(this); } },
    });
  });
  return { open: (job) => open(scene, job) };
}

async function open(scene, job) {
  const key = job.asset;
  queue(scene, key, job);
  await new Promise((done, fail) => {
    scene.load.once("loaderror", (file) => fail(new Error(`cannot load ${file.src}`)));
    scene.load.once("complete", done);
    scene.load.start();
  });
  const clips = LISTS[job.preset](scene, key, job);
  return {
    clips,
    pivot: true,
    draw: (places) => draw(scene, key, places, job),
    async close() {
      for (const anim of [...scene.anims.anims.keys()])
        if (scene.anims.get(anim).frames[0]?.textureKey === key) scene.anims.remove(anim);
      scene.textures.remove(key);
      scene.cache.json.remove(key);
      scene.cache.json.remove(`${key}-anims`);
    },
  };
}

function queue(scene, key, job) {
  const [json, image] = [`${job.base}${job.stem}.json`, `${job.base}${job.stem}.png`];
  if (job.preset === "phaser") {
    scene.load.multiatlas(key, json, job.base);
    scene.load.animation(`${key}-anims`, json);
  } else if (job.preset === "aseprite") {
    scene.load.aseprite(key, image, json);
  } else {
    scene.load.atlas(key, image, json);
  }
}

const LISTS = {
  aseprite(scene, key, job) {
    // Animations are the whole game's by their names; a sprite of its own keeps those of several assets apart.
    const sprite = job.shared ? scene.make.sprite({ key }, false) : undefined;
    const made = scene.anims.createFromAseprite(key, undefined, sprite);
    const list = made.map((anim) => [anim.key, describe(scene, anim, null, sprite)]);
    sprite?.destroy();
    return Object.fromEntries(list);
  },
  phaser(scene, key, job) {
    const prefix = `${key}/`;
    const keys = [...scene.anims.anims.keys()].filter((name) => name.startsWith(prefix));
    const list = keys.map((name) => {
      const anim = scene.anims.get(name);
      return [name.slice(prefix.length), describe(scene, anim, anim.repeat === -1)];
    });
    return Object.fromEntries([...list, ...items(scene, key, job)]);
  },
  texturepacker(scene, key, job) {
    const list = job.clips.map((clip) => {
      const names = clip.cells.map((cell) => cell.name).filter((name) => scene.textures.get(key).has(name));
      const durations = names.map((name) => scene.textures.getFrame(key, name).customData.duration);
      return [clip.name, { frames: names, durations, loop: null }];
    });
    return Object.fromEntries(list);
  },
};

function items(scene, key, job) {
  return job.items ? Object.entries(LISTS.texturepacker(scene, key, job)) : [];
}

// Durations are those that the animation really plays with: its clock is moved by hand, a millisecond at a time.
function describe(scene, anim, loop, owner) {
  const frames = anim.frames.map((frame) => frame.frame.name);
  const sprite = owner ?? scene.make.sprite({ key: anim.frames[0].textureKey }, false);
  sprite.play({ key: anim.key, repeat: loop === null ? -1 : anim.repeat });
  const durations = frames.map(() => 0);
  const total = anim.frames.reduce((sum, frame) => sum + frame.duration, 0);
  if (!(total < 60_000)) throw new Error(`${anim.key} would last ${total} ms`);
  for (let ms = 0; ms < total; ms++) {
    durations[sprite.anims.currentFrame.index - 1]++;
    sprite.anims.update(ms, 1);
  }
  if (loop !== null && sprite.anims.isPlaying !== loop) throw new Error(`${anim.key} does not end as its repeat says`);
  if (!owner) sprite.destroy();
  return { frames, durations, loop };
}

async function draw(scene, key, places, job) {
  scene.scale.resize(...job.size);
  for (const place of places) {
    // The frame's own pivot becomes the sprite's origin; without one it would be the middle.
    scene.add.sprite(place.x + job.pivot[0], place.y + job.pivot[1], key, place.frame);
  }
  await new Promise((done) => scene.game.events.once("postrender", done));
  const pixels = readCanvas(scene.game.canvas, job.size);
  for (const child of [...scene.children.list]) child.destroy();
  return pixels;
}

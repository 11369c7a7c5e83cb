// KAPLAY: loadAseprite. It reads frames and tags; times, rounds and pivots are the game's own.
import { readCanvas } from "./pixels.js";

export async function makeKaplay(kaplay) {
  const k = kaplay({
    width: 256,
    height: 128,
    global: false,
    loadingScreen: false,
    crisp: true,
    pixelDensity: 1,
    texFilter: "nearest",
    background: [0, 0, 0],
    backgroundAudio: false,
    focus: false,
  });
  let places = [];
  k.setBackground(0, 0, 0, 0);
  k.onDraw(() => {
    for (const place of places)
      k.drawSprite({ sprite: place.sprite, frame: place.frame, pos: k.vec2(place.x, place.y), anchor: "topleft" });
  });
  const show = (wanted) => (places = wanted);
  return { open: (job) => open(k, job, show) };
}

async function open(k, job, show) {
  const data = await k.loadAseprite(job.asset, `${job.base}${job.stem}.png`, `${job.base}${job.stem}.json`);
  const clips = {};
  for (const [name, anim] of Object.entries(data.anims)) {
    const [from, to] = typeof anim === "number" ? [anim, anim] : [anim.from, anim.to];
    clips[name] = { frames: Array.from({ length: to - from + 1 }, (_, at) => from + at), durations: null, loop: null };
  }
  return {
    clips,
    async draw(places) {
      show(places.map((place) => ({ ...place, sprite: data })));
      for (let frame = 0; frame < 3; frame++) await new Promise((done) => requestAnimationFrame(done));
      const pixels = readCanvas(k.canvas, job.size);
      show([]);
      return pixels;
    },
    close: async () => {},
  };
}

// Excalibur with its aseprite plug-in: sheet JSON and native files. It reads no pivots: frames are drawn from their top left.
import { readCanvas } from "./pixels.js";

export async function makeExcalibur(ex, plugin) {
  return { open: (job) => open(ex, plugin, job) };
}

async function open(ex, plugin, job) {
  const resource = new plugin.AsepriteResource(`${job.base}${job.documents[0]}`);
  const sheet = await resource.load();
  const clips = {};
  for (const [name, animation] of sheet.animations) {
    if (name === "ex.___all") continue;
    clips[name] = {
      frames: animation.frames.map((frame) => frame.graphic),
      durations: animation.frames.map((frame) => frame.duration),
      loop: null,
    };
  }
  return { clips, draw: async (places) => draw(ex, places, job), close: async () => {} };
}

function draw(ex, places, job) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = job.size;
  const context = new ex.ExcaliburGraphicsContext2DCanvas({ canvasElement: canvas, enableTransparency: true, backgroundColor: ex.Color.Transparent });
  context.clear();
  for (const place of places) place.frame.draw(context, place.x, place.y);
  context.flush();
  return readCanvas(canvas, job.size);
}

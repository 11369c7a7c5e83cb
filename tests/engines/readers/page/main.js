// Runs jobs one after the other: each is an asset that a reader opens, draws frame by frame, and tells of.
import { makeExcalibur } from "./excalibur.js";
import { makeKaplay } from "./kaplay.js";
import { makeMelon } from "./melon.js";
import { makePhaser } from "./phaser.js";
import { makePixi7, makePixi8 } from "./pixi.js";

const MAKERS = {
  phaser3: () => makePhaser(window.Phaser3),
  phaser4: () => makePhaser(window.Phaser4),
  pixi7: () => makePixi7(window.Pixi7),
  pixi8: () => makePixi8(window.Pixi8),
  excalibur: () => makeExcalibur(window.ex, window.ex.Plugin.Aseprite),
  kaplay: () => makeKaplay(window.kaplay),
  melonjs: () => makeMelon(),
};
const JOB_MS = 20000;
const readers = {};

window.runJobs = async (jobs) => {
  const results = [];
  for (const job of jobs) {
    const started = performance.now();
    let result;
    console.debug(job.reader, job.preset, job.base);
    try {
      readers[job.reader] ??= await MAKERS[job.reader]();
      result = await Promise.race([runJob(readers[job.reader], job), failLater()]);
    } catch (error) {
      result = { error: String(error?.stack ?? error) };
    }
    results.push({ ...result, ms: Math.round(performance.now() - started) });
  }
  return results;
};
window.isReady = true;

function failLater() {
  return new Promise((_, fail) => setTimeout(() => fail(new Error(`no answer within ${JOB_MS} ms`)), JOB_MS));
}

// A reader opens the asset and returns its clips: name → { durations, loop, draw list }. Then all frames are drawn at once,
// each in its own cell of one canvas, and the canvas is compared with the one that the source frames make.
// `also` is a second asset with the same names, which is open at the same time.
async function runJob(reader, job) {
  const other = job.also && (await reader.open(job.also));
  const asset = await reader.open(job);
  const result = await showAsset(asset, job);
  if (other) {
    const second = await showAsset(other, job.also);
    for (const name of Object.keys(result.wrong)) {
      result.wrong[name] += second.wrong[name];
      result.clips[name] &&= second.clips[name];
    }
    await other.close();
  }
  await asset.close();
  return result;
}

async function showAsset(asset, job) {
  const clips = {};
  const places = [];
  for (const clip of job.clips) {
    const there = asset.clips[clip.name];
    clips[clip.name] = there ? { count: there.frames.length, durations: there.durations, loop: there.loop } : null;
    for (const cell of clip.cells) {
      const frame = there?.frames[cell.frame];
      if (frame !== undefined) places.push({ ...cell, clip: clip.name, frame });
    }
  }
  const pixels = await asset.draw(places, job);
  const expected = new Uint8Array(await (await fetch(job.expected)).arrayBuffer());
  return { clips, wrong: countWrong(pixels, expected, job), names: Object.keys(asset.clips), pivot: asset.pivot ?? false };
}

function countWrong(pixels, expected, job) {
  if (pixels.length !== expected.length) throw new Error(`${pixels.length} bytes drawn, not ${expected.length}`);
  const wrong = {};
  for (const clip of job.clips) {
    wrong[clip.name] = 0;
    for (const cell of clip.cells)
      for (let y = cell.y - job.gap; y < cell.y + job.cell[1] - job.gap; y++)
        for (let x = cell.x - job.gap; x < cell.x + job.cell[0] - job.gap; x++) {
          const at = 4 * (y * job.size[0] + x);
          const differs = [0, 1, 2, 3].some((channel) => pixels[at + channel] !== expected[at + channel]);
          if (differs && (pixels[at + 3] || expected[at + 3])) wrong[clip.name]++;
        }
  }
  return wrong;
}

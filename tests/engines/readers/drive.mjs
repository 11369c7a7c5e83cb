// Serves folders on this machine, has a headless browser open the page, and prints what the page's run comes to.
// Arguments: a JSON file with `folders` (first path part → folder), `playwright`, `program`, `options`, `jobs`.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";

const plan = JSON.parse(await readFile(process.argv[2], "utf8"));
const { chromium } = createRequire(import.meta.url)(plan.playwright);
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".json": "application/json", ".png": "image/png" };

const server = createServer(async (request, response) => {
  const [, name, ...rest] = decodeURIComponent(new URL(request.url, "http://localhost").pathname).split("/");
  const path = normalize(rest.join("/"));
  try {
    if (!Object.hasOwn(plan.folders, name) || path.startsWith("..")) throw new Error("outside");
    const data = await readFile(join(plan.folders[name], path));
    response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" }).end(data);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const browser = await chromium.launch({ executablePath: plan.program, args: plan.options, chromiumSandbox: false });
try {
  const page = await browser.newPage();
  const said = [];
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && said.push(message.text()));
  page.setDefaultTimeout(plan.seconds * 1000);
  await page.goto(`http://127.0.0.1:${server.address().port}/page/index.html`);
  await page.waitForFunction(() => window.isReady, null, { timeout: plan.seconds * 1000 });
  let last = "";
  page.on("console", (message) => message.type() === "debug" && (last = message.text()));
  const late = new Promise((_, fail) =>
    setTimeout(() => fail(new Error(`the page hangs at ${last}: ${said.slice(0, 5).join("; ")}`)), plan.seconds * 1000).unref(),
  );
  const results = await Promise.race([page.evaluate((jobs) => window.runJobs(jobs), plan.jobs), late]);
  process.stdout.write(JSON.stringify({ results, said }));
} finally {
  await browser.close();
  server.close();
}

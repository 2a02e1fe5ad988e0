// Bundles styles, scripts, fonts and the icons in use into portal/web/static/dist.
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const assets = path.dirname(fileURLToPath(import.meta.url));
const portal = path.resolve(assets, "../..");
const styleGuide = path.resolve(portal, "../tests/web");
const dist = path.resolve(assets, "../static/dist");
const staged = `${dist}.${process.pid}`;
const drawings = path.resolve(portal, "../node_modules/@tabler/icons/tabler-nodes-outline.json");

/** Every string literal of pages and views; those that name an icon are bundled. */
async function quotedWords(folder, words) {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    if (!entry.isFile() || !/\.(html|py)$/.test(entry.name) || file.startsWith(dist)) continue;
    for (const [, word] of (await readFile(file, "utf8")).matchAll(/["']([a-z0-9-]{1,40})["']/g)) {
      words.add(word);
    }
  }
}

function shape([tag, attributes]) {
  const written = Object.entries(attributes).map(([name, value]) => `${name}="${value}"`);
  return `<${tag} ${written.join(" ")}/>`;
}

async function bundleIcons() {
  const drawn = JSON.parse(await readFile(drawings, "utf8"));
  const icons = {};
  const words = new Set();
  await quotedWords(portal, words);
  if (existsSync(styleGuide)) await quotedWords(styleGuide, words);
  for (const word of [...words].sort()) {
    if (Object.hasOwn(drawn, word)) icons[word] = drawn[word].map(shape).join("");
  }
  await writeFile(path.join(staged, "icons.json"), JSON.stringify(icons));
  return Object.keys(icons).length;
}

async function bundle() {
  return build({
    absWorkingDir: assets,
    entryPoints: { app: "scripts/app.ts", style: "styles/app.css" },
    outdir: staged,
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    target: ["es2022", "chrome111", "firefox114", "safari16.4"],
    minify: true,
    sourcemap: false,
    legalComments: "none",
    metafile: true,
    loader: { ".woff2": "file" },
    logLevel: "warning",
  });
}

const names = { "scripts/app.ts": "app.js", "styles/app.css": "app.css" };

async function writeManifest(outputs) {
  const manifest = {};
  for (const [file, { entryPoint }] of Object.entries(outputs)) {
    const name = path.basename(file);
    if (names[entryPoint]) manifest[names[entryPoint]] = name;
    else if (/^inter-latin-(opsz|wght)-normal.*woff2$/.test(name)) manifest["inter.woff2"] = name;
  }
  await copyFile(path.join(assets, "favicon.svg"), path.join(staged, "favicon.svg"));
  manifest["favicon.svg"] = "favicon.svg";
  await writeFile(path.join(staged, "manifest.json"), JSON.stringify(manifest, null, 2));
}

/** Texts are kept compressed beside themselves, for the server to send as they are. */
async function compress() {
  for (const name of await readdir(staged)) {
    if (!/\.(js|css|svg)$/.test(name)) continue;
    const content = await readFile(path.join(staged, name));
    await writeFile(path.join(staged, `${name}.gz`), gzipSync(content, { level: 9 }));
  }
}

/** The old bundle stays in place until the new one is whole. */
async function replaceBundle() {
  await rm(dist, { recursive: true, force: true });
  await rename(staged, dist);
}

const started = performance.now();
await mkdir(staged, { recursive: true });
try {
  const { metafile } = await bundle();
  await writeManifest(metafile.outputs);
  const icons = await bundleIcons();
  await compress();
  await replaceBundle();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`portal/web/static/dist built: ${icons} icons, ${seconds} s`);
} finally {
  await rm(staged, { recursive: true, force: true });
}

// Builds the files the service serves, into the folder named (default: where the service finds them).
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { minify } from "terser";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, "../recommender/api/static/widget");

/** Style sheets become minified texts, which the widget adopts. */
const styles = {
  name: "styles",
  setup(builder) {
    builder.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim().replace(/(?<=[,:/*]) | (?=[*/}]| })/g, ""), loader: "text" };
    });
  },
};

async function bundle(entry, define) {
  const options = { bundle: true, format: "esm", target: "es2022", minify: true, write: false, charset: "utf8" };
  const made = await build({ ...options, entryPoints: [join(here, "src", entry)], plugins: [styles], define });
  const { code } = await minify(made.outputFiles[0].text, { module: true, ecma: 2020, compress: { passes: 4, unsafe_arrows: true } });
  return Buffer.from(`${code}\n`);
}

/** What the widget fetches when it is needed, under a name made of its content. */
const later = { debug: await bundle("debug.js", {}), feed: await bundle("feed.js", {}), row: await bundle("row.js", {}), words: await bundle("words.js", {}) };
const define = {};
mkdirSync(target, { recursive: true });
for (const [name, content] of Object.entries(later)) {
  const mark = createHash("sha256").update(content).digest("hex").slice(0, 12);
  define[`${name.toUpperCase()}_FILE`] = JSON.stringify(`w/1/${name}-${mark}.js`);
  writeFileSync(join(target, `${name}.js`), content);
}
writeFileSync(join(target, "widget.js"), await bundle("widget.js", define));

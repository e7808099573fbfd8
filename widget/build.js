// Builds the two files the service serves, into the folder named (default: where the service finds them).
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, "../recommender/api/static/widget");

/** Style sheets become minified texts, which the widget adopts. */
const styles = {
  name: "styles",
  setup(builder) {
    builder.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

async function bundle(entry, define) {
  const options = { bundle: true, format: "esm", target: "es2022", minify: true, write: false, charset: "utf8", legalComments: "none" };
  const made = await build({ ...options, entryPoints: [join(here, "src", entry)], plugins: [styles], define });
  return made.outputFiles[0].contents;
}

const debug = await bundle("debug.js", {});
const mark = createHash("sha256").update(debug).digest("hex").slice(0, 12);
const widget = await bundle("widget.js", { DEBUG_FILE: JSON.stringify(`debug-${mark}.js`) });
mkdirSync(target, { recursive: true });
writeFileSync(join(target, "debug.js"), debug);
writeFileSync(join(target, "widget.js"), widget);

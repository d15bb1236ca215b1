// Types from the contracts: src/generated/openapi.json and api.d.ts from the API, events.d.ts from docs/schemas.
// With --check nothing is written; it fails when a file is not current. PYTHON names the interpreter.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";
import openapi, { astToString } from "openapi-typescript";

const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const root = join(web, "..");
const generated = join(web, "src", "generated");
const schemas = join(root, "docs", "schemas");
const check = process.argv.includes("--check");

const venv = join(root, ".venv", "bin", "python");
const python = process.env.PYTHON ?? (existsSync(venv) ? venv : "python3");

function apiDocument() {
  return execFileSync(python, ["-m", "api.openapi"], { cwd: root, encoding: "utf8" });
}

/** All records of all topics in one schema; a record that several topics carry must look alike in each. */
function records() {
  const found = {};
  for (const name of readdirSync(schemas).filter((file) => file.endsWith(".schema.json"))) {
    const {
      $defs = {},
      title,
      type,
      properties,
      required,
    } = JSON.parse(readFileSync(join(schemas, name), "utf8"));
    const own = { title: pascal(title), type, properties, required };
    const all = properties ? { ...$defs, [own.title]: own } : $defs;
    for (const [record, shape] of Object.entries(all)) {
      if (found[record] && JSON.stringify(found[record].properties) !== JSON.stringify(shape.properties)) {
        throw new Error(`${record} differs between topics (${name})`);
      }
      found[record] = shape;
    }
  }
  return found;
}

const pascal = (title) => title.replace(/(^|[-_ ])(\w)/g, (_, __, letter) => letter.toUpperCase());

async function events() {
  const $defs = records();
  const schema = {
    title: "AnyRecord",
    anyOf: Object.keys($defs)
      .sort()
      .map((name) => ({ $ref: `#/$defs/${name}` })),
    $defs,
  };
  return compile(schema, "AnyRecord", {
    bannerComment: "// Made by `npm run generate` from docs/schemas. Do not edit.",
    additionalProperties: false,
    cwd: schemas,
  });
}

const document = apiDocument();
const files = {
  "openapi.json": document,
  "api.d.ts":
    "// Made by `npm run generate` from the OpenAPI document. Do not edit.\n\n" +
    astToString(await openapi(JSON.parse(document))),
  "events.d.ts": await events(),
};

const stale = Object.entries(files).filter(([name, text]) => {
  const path = join(generated, name);
  return !existsSync(path) || readFileSync(path, "utf8") !== text;
});

if (check) {
  for (const [name] of stale) console.error(`src/generated/${name} is not current: npm run generate`);
  process.exitCode = stale.length ? 1 : 0;
} else {
  for (const [name, text] of stale) writeFileSync(join(generated, name), text);
  console.log(stale.length ? `wrote ${stale.map(([name]) => name).join(", ")}` : "all types are current");
}

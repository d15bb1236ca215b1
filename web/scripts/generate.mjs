// Types from the contract of the API, REST and streams alike: src/generated/openapi.json and api.d.ts.
// With --check nothing is written; it fails when a file is not current. PYTHON names the interpreter.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import openapi, { astToString } from "openapi-typescript";

const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const root = join(web, "..");
const generated = join(web, "src", "generated");
const check = process.argv.includes("--check");

const venv = join(root, ".venv", "bin", "python");
const python = process.env.PYTHON ?? (existsSync(venv) ? venv : "python3");

function apiDocument() {
  return execFileSync(python, ["-m", "api.openapi"], { cwd: root, encoding: "utf8" });
}

const document = apiDocument();
const files = {
  "openapi.json": document,
  "api.d.ts":
    "// Made by `npm run generate` from the OpenAPI document. Do not edit.\n\n" +
    astToString(await openapi(JSON.parse(document))),
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

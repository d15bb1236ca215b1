export interface Texts {
  [key: string]: string | Texts;
}

const files = import.meta.glob<Texts>(["./ko/*.json", "./en/*.json"], { eager: true, import: "default" });

/** The texts of a language, by the names of their files. */
export function catalogues(language: "ko" | "en"): Texts {
  const found: Texts = {};
  for (const [path, texts] of Object.entries(files)) {
    const [, folder, area] = /^\.\/(\w+)\/([\w-]+)\.json$/.exec(path) ?? [];
    if (folder === language && area !== undefined) found[area] = texts;
  }
  return found;
}

import { expect, test } from "vitest";
import { catalogues, type Texts } from "./catalogues";

function flat(texts: Texts, prefix = ""): Map<string, string> {
  return new Map(
    Object.entries(texts).flatMap(([key, text]) =>
      typeof text === "string" ? [[prefix + key, text] as const] : [...flat(text, `${prefix}${key}.`)],
    ),
  );
}

const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
const withoutPlural = (key: string) => key.replace(/_(one|other)$/, "");

test("every text exists in both languages, with the same placeholders", () => {
  const [ko, en] = [flat(catalogues("ko")), flat(catalogues("en"))];
  const keys = (texts: Map<string, string>) => [...new Set([...texts.keys()].map(withoutPlural))].sort();
  expect(keys(ko)).toEqual(keys(en));
  for (const [key, text] of en) {
    const other = ko.get(key) ?? ko.get(`${withoutPlural(key)}_other`) ?? "";
    expect(placeholders(other), key).toEqual(placeholders(text));
  }
});

test("no text is empty", () => {
  for (const language of ["ko", "en"] as const) {
    for (const [key, text] of flat(catalogues(language)))
      expect(text.trim(), `${language} ${key}`).not.toBe("");
  }
});

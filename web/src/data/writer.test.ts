import { expect, test } from "vitest";
import { nameIn, signedBy } from "./writer";

test("a name is one line of what can be seen", () => {
  expect(nameIn("김 철수")).toBe("김 철수");
  expect(nameIn("a\nb\u0000c\u202ed\u2028e")).toBe("abcde");
  expect(nameIn("a\u00a0b\u3000c")).toBe("a b c");
  expect(nameIn("\ud83d")).toBe(""); // half a letter cannot be sent
  expect(nameIn("가".repeat(61))).toBe("가".repeat(60));
  expect(nameIn("😀".repeat(61))).toBe("😀".repeat(60));
});

test("a header carries any name, and none where there is none", () => {
  expect(signedBy(" 김 ")).toEqual({ "Changed-By": "%EA%B9%80" });
  expect(signedBy("100%")).toEqual({ "Changed-By": "100%25" });
  expect(signedBy("  ")).toEqual({});
});

// Korean particles follow the sound before them: `{follow}이(가)` becomes `CONL이` and `MSTU가`.

import type { PostProcessorModule } from "i18next";

/** After a consonant, after a vowel. */
const PAIRS: Readonly<Record<string, readonly [string, string]>> = {
  "이(가)": ["이", "가"],
  "을(를)": ["을", "를"],
  "과(와)": ["과", "와"],
  "으로(로)": ["으로", "로"],
};
const PARTICLE = /([\p{L}\p{N}])([^\p{L}\p{N}\s]*)(이\(가\)|을\(를\)|과\(와\)|으로\(로\))/gu;

type Ending = "vowel" | "l" | "consonant";

/** How the name of a letter or digit ends in Korean: L is 엘, R 알, 3 삼, 0 영 or 십. */
function endingOf(letter: string): Ending {
  if (/[가-힣]/.test(letter)) {
    const last = (letter.charCodeAt(0) - 0xac00) % 28;
    return last === 0 ? "vowel" : last === 8 ? "l" : "consonant";
  }
  if (/[LR178]/i.test(letter)) return "l";
  return /[MN036]/i.test(letter) ? "consonant" : "vowel";
}

export const withParticles = (text: string): string =>
  text.replace(PARTICLE, (_, letter: string, between: string, particle: string) => {
    const [consonant = "", vowel = ""] = PAIRS[particle] ?? [];
    const ending = endingOf(letter);
    const asVowel = ending === "vowel" || (ending === "l" && particle === "으로(로)");
    return letter + between + (asVowel ? vowel : consonant);
  });

export const particles: PostProcessorModule = {
  type: "postProcessor",
  name: "particles",
  process: withParticles,
};

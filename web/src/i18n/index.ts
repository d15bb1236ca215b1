// All words of the page. A file per area and language, `ko/<area>.json` and `en/<area>.json`: the text `add` of
// `review.json` is `t("review.add")`.

import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { preferences } from "@/app/preferences";
import { catalogues } from "./catalogues";
import { particles } from "./particles";

export async function startTexts(): Promise<void> {
  await i18next
    .use(initReactI18next)
    .use(particles)
    .init({
      lng: preferences.get().language,
      fallbackLng: "en",
      resources: {
        ko: { translation: catalogues("ko") },
        en: { translation: catalogues("en") },
      },
      interpolation: { escapeValue: false, prefix: "{", suffix: "}" }, // React escapes
      postProcess: "particles",
      returnNull: false,
      showSupportNotice: false,
      saveMissing: import.meta.env.DEV,
      missingKeyHandler: (_, __, key: string, fallback: string) => {
        if (fallback === key) console.error(`text.missing key=${key}`);
      },
    });
  preferences.subscribe(() => {
    const { language } = preferences.get();
    if (i18next.language !== language) void i18next.changeLanguage(language);
  });
}

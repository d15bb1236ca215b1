import "pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css";
import "./theme/tokens.css";
import "./theme/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { preferences } from "./app/preferences";
import { startTexts } from "./i18n";

preferences.start();
await startTexts();
const root = document.getElementById("root");
if (!root) throw new Error("index.html: expected an element #root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { loadEnv } from "vite";
import { defineConfig } from "vitest/config";

// The port as the line has it: from the environment, else from the project's .env.
const { PTJ_API_PORT = "8000" } = loadEnv("", fileURLToPath(new URL("..", import.meta.url)), "PTJ_API_");
const api = `http://127.0.0.1:${PTJ_API_PORT}`;
// The host stays as the browser named it: the API lets only pages of its own host write.
const proxy = { "/api": { target: api } };
const src = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  plugins: [react({ compiler: true })],
  resolve: {
    alias: {
      "@": src(""),
      // Radix locks scrolling by writing a <style> into the page, which the content security policy forbids.
      "react-remove-scroll": src("ui/removeScroll.tsx"),
    },
  },
  server: { host: "127.0.0.1", port: 5173, proxy },
  preview: { host: "127.0.0.1", port: 4173, proxy },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      checks: { pluginTimings: false },
      output: {
        codeSplitting: {
          groups: [{ name: "lightweight-charts", test: /node_modules\/(lightweight-charts|fancy-canvas)/ }],
        },
      },
    },
  },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"] },
});

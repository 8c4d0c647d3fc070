import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Builds dist/renderer/: the window, one bundle for both hosts. No inline script, no network: the CSP forbids both. */
export default defineConfig({
  root: "renderer",
  base: "./",
  plugins: [react()],
  css: { modules: { localsConvention: "camelCaseOnly" } },
  build: {
    outDir: "../dist/renderer",
    emptyOutDir: true,
    target: "chrome140",
    // A data: URL would need its own permission in the CSP.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      output: {
        // Few files: each is a request of its own over six connections. One with what the first screen needs, one with what
        // the other screens share, and the screens.
        codeSplitting: {
          groups: [
            { name: "start", tags: ["$initial"], priority: 1 },
            { name: "parts", minShareCount: 2 },
          ],
        },
      },
    },
  },
});

import { defineConfig } from "vite";

/** Builds dist/preload.cjs: a sandboxed preload is CommonJS, one file, with `electron` as its only require. */
export default defineConfig({
  build: {
    ssr: true,
    target: "chrome140",
    outDir: "dist",
    emptyOutDir: false,
    minify: false,
    rolldownOptions: {
      input: { preload: "electron/preload.ts" },
      external: ["electron"],
      output: { format: "cjs", entryFileNames: "[name].cjs" },
    },
  },
  ssr: { noExternal: true },
});

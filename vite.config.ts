import { defineConfig } from "vite";

/**
 * Builds dist/: the `lifeboat` command, Electron's entry, and worker threads. Dependencies are bundled so that a command starts with a handful of file
 * reads; keytar stays outside (it loads a native library by its own path), the others are optional parts of pg, ws and ssh2
 * that are never used.
 */
export default defineConfig({
  build: {
    ssr: true,
    target: "node24",
    outDir: "dist",
    emptyOutDir: true,
    minify: false,
    rolldownOptions: {
      input: {
        cli: "electron/cli.ts",
        main: "electron/main.ts",
        "counting-worker": "electron/backup/counting-worker.ts",
        "row-worker": "electron/rows/row-worker.ts",
        "plain-index-worker": "electron/archives/plain/plain-index-worker.ts",
      },
      external: ["electron", "keytar", "pg-native", "bufferutil", "utf-8-validate", "cpu-features", /sshcrypto\.node$/],
      output: { entryFileNames: "[name].js", chunkFileNames: "chunks/[name]-[hash].js" },
    },
  },
  // ssh2's cipher in WebAssembly asks for it when it is loaded.
  define: { __dirname: "import.meta.dirname" },
  ssr: { noExternal: true },
});

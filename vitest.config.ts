import { defineConfig } from "vitest/config";

/** Unit and contract tests run side by side; what starts servers runs one file after another (two cores, shared ports). */
export default defineConfig({
  test: {
    projects: [
      {
        test: { name: "unit", include: ["test/unit/**/*.test.ts", "test/contract/**/*.test.ts"], testTimeout: 30_000 },
      },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts", "test/faults/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          // CI shares its two cores with others: one more try tells a slow moment from a defect, and is reported as such.
          retry: process.env["CI"] ? 1 : 0,
        },
      },
    ],
  },
});

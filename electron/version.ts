import packageJson from "../package.json" with { type: "json" };

/** Lifeboat's own version, as package.json says it. */
export const lifeboatVersion: string = packageJson.version;

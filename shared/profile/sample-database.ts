/** The database the sample brings; what is restored into its server stands beside it. */
export const sampleDatabase = "shop";

/** From the window to the app: a ClientMessage. The only channel the app listens on. */
export const toApp = "lifeboat:to-app";
/** From the app to the window: a ServerMessage. */
export const toWindow = "lifeboat:to-window";

declare const __APP_VERSION__: string;

/** The version of this app, from package.json. */
export const APP_VERSION: string = __APP_VERSION__;

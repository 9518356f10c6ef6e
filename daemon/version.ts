/** The version of this build, put in by the bundler. */
declare const TOLLKEEPER_VERSION: string

export const version: string = TOLLKEEPER_VERSION

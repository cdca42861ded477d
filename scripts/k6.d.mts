/** The version that is built. */
export const version: string
/** A k6 that will do: named by HARNESS_K6, on PATH, or built before in `root`. */
export function presentK6(root: string): string | undefined
/** Makes sure that there is a k6. Never fails. */
export function installK6(root: string, say: (line: string) => void): string | undefined

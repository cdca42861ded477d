/**
 * Text for a POSIX shell.
 * @module
 */

/** One word, whatever it holds. */
export const shellQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

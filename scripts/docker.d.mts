/** Brings a container engine and the Debian image onto the machine, where that is possible and they are missing. */
export function installDocker(say: (line: string) => void): void
/** The mirrors of a Debian release, from the texts of apt's source files. */
export function mirrorsOf(
  files: readonly string[],
  release: string,
): Record<'main' | 'updates' | 'security', string | undefined>

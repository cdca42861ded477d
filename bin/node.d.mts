export const root: string
export const minimum: string
export const repoNode: string
export function isRecent(version?: string): boolean
export function isCheckout(): boolean
export function refuse(): never
export function runRepoNode(args: readonly string[]): void

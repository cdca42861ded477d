/**
 * How much a row of the check catalogue is worth: damage if missed, times how often it happens, times how badly others cover
 * it, against cost (catalogue section 2). Data.
 * @module
 */

/** Rows by rank: the first line is rank 1. */
const ranked = [
  'TLS-01 TLS-02 CRT-01',
  'ORI-01 ORI-02 ORI-03',
  'TLS-15',
  'RES-03',
  'HDR-03 HDR-05',
  'RES-01',
  'CRT-04 CRT-05 CRT-03',
  'MOD-01 MOD-02 MOD-03 MOD-04 MOD-05',
  'JWT-12',
  'JWT-03 JWT-04 JWT-08',
  'ORI-09 TLS-22 CPA-01',
  'PTH-01 PTH-02',
  'PTH-11',
  'ORI-04 ORI-05',
  'SVC-01 SVC-02 SVC-03 SVC-04 SVC-05 SVC-06',
  'TLS-23',
  'CRT-06 CRT-07 CRT-08',
  'MOD-08 CRT-38',
  'CMP-01 CMP-02 CMP-03 CMP-04',
  'HDR-06 HDR-07 HDR-08',
  'CRT-29',
  'CRT-10',
  'CRT-14 CRT-13',
  'HDR-09',
  'SVC-20 SVC-19',
  'RES-02 CRT-34',
  'TLS-17',
  'TLS-11',
  'POP-01 POP-02',
  'TLS-10',
  'RSP-01',
  'ORI-12',
  'TLS-21 TLS-20',
  'CRT-20',
  'PTH-14 PTH-15',
  'PTH-03 PTH-04 PTH-05 PTH-06 PTH-07',
  'PTH-21 HDR-15',
  'IDM-01 IDM-02',
  'CRT-36 CRT-37',
  'MOD-09',
  'JWT-15',
  'HDR-12 HDR-21',
  'JWT-07',
  'CRT-17 CRT-18 CRT-15 CRT-16',
  'SSR-01',
  'JWT-29 JWT-30 JWT-31',
  'HDR-14',
  'PTH-16 PTH-17',
  'JWT-23',
  'JWT-10 JWT-11',
  'JWT-14 JWT-13',
  'RSP-03',
  'CRT-33',
  'TLS-04 TLS-05',
  'SVC-13 SVC-14',
  'SVC-15 SVC-16 SVC-17 SVC-18',
  'JWT-18',
  'JWT-06',
  'JWT-24',
  'CRT-22 CRT-23',
  'PTH-08 PTH-18 PTH-19',
  'HDR-18',
  'RES-04',
  'ORI-05b',
  'CRT-24 CRT-25',
  'DOS-05 DOS-06 DOS-02 DOS-10',
  'TLS-24',
  'JWT-34',
  'MOD-06 MOD-12',
  'CPA-02 CPA-03 CPA-04 CPA-05 CPA-06 CPA-07 CPA-08 CPA-09 CPA-10 CPA-11 CPA-12',
  'HDR-10 HDR-11',
  'TLS-26 POP-06 TLS-25',
  'IDM-03 IDM-04 IDM-05 IDM-06 IDM-07 IDM-08',
  'JWT-19 JWT-20 JWT-21 JWT-22',
  'RES-08 RES-09',
  'DOS-13 DOS-15 DOS-01 DOS-20',
  'SVC-23 SVC-24',
  'TLS-07 TLS-08 TLS-27',
]

const ranks: ReadonlyMap<string, number> = new Map(
  ranked.flatMap((rows, index) => rows.split(' ').map((row): [string, number] => [row, index + 1])),
)

/** Rank of what stands in none of the rows. */
export const lastRank = ranked.length + 1

/** Best rank among the catalogue rows that grounds name (`catalogue CRT-06`). */
export const rankOf = (grounds: readonly string[]): number =>
  Math.min(
    lastRank,
    ...grounds
      .flatMap((text) => text.match(/\b[A-Z]{3}-\d{2}[a-z]?\b/g) ?? [])
      .map((row) => ranks.get(row) ?? lastRank),
  )

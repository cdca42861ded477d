/**
 * Small linear least squares.
 * @module
 */

/**
 * Coefficients that bring `rows · x` nearest to `values`, each row with its weight (normal equations, Gauss-Jordan with
 * pivoting: for the two or three unknowns of this project).
 * @returns undefined when the rows do not determine them.
 */
export function leastSquares(
  rows: readonly (readonly number[])[],
  values: readonly number[],
  weights: readonly number[] = rows.map(() => 1),
): number[] | undefined {
  const size = rows[0]?.length ?? 0
  const sum = (term: (row: readonly number[], at: number) => number): number =>
    rows.reduce((total, row, at) => total + (weights[at] ?? 1) * term(row, at), 0)
  const matrix = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_, j) => sum((row) => (row[i] ?? 0) * (row[j] ?? 0))),
    sum((row, at) => (row[i] ?? 0) * (values[at] ?? 0)),
  ])
  return solve(matrix)
}

/** Solves an augmented matrix. */
function solve(matrix: number[][]): number[] | undefined {
  const size = matrix.length
  const largest = Math.max(...matrix.flat().map(Math.abs))
  for (let column = 0; column < size; column += 1) {
    const below = matrix.slice(column)
    const pivot = below.reduce((best, row) =>
      Math.abs(row[column] ?? 0) > Math.abs(best[column] ?? 0) ? row : best,
    )
    const by = pivot[column] ?? 0
    if (!(Math.abs(by) > 1e-14 * largest)) return undefined
    matrix.splice(matrix.indexOf(pivot), 1)
    const unit = pivot.map((value) => value / by)
    matrix.splice(column, 0, unit)
    matrix.forEach((row, at) => {
      if (at === column) return
      const times = row[column] ?? 0
      matrix[at] = row.map((value, index) => value - times * (unit[index] ?? 0))
    })
  }
  return matrix.map((row) => row[size] ?? Number.NaN)
}

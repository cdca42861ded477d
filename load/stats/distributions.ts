/**
 * Normal and Student distributions.
 * @module
 */

/** P(Z < z) of the standard normal distribution; absolute error below 1e-9. */
export function normalBelow(z: number): number {
  const x = Math.abs(z)
  // Beyond, the tail is below 1e-300.
  if (x > 37) return z > 0 ? 1 : 0
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
  if (x < 3) {
    // Power series (Abramowitz and Stegun 26.2.11).
    let term = x
    let sum = x
    for (let n = 1; Math.abs(term) > 1e-17 && n < 200; n += 1) {
      term *= (x * x) / (2 * n + 1)
      sum += term
    }
    const half = density * sum
    return z > 0 ? 0.5 + half : 0.5 - half
  }
  // Continued fraction of the tail (26.2.14).
  let fraction = 0
  for (let n = 100; n >= 1; n -= 1) fraction = n / (x + fraction)
  const tail = density / (x + fraction)
  return z > 0 ? 1 - tail : tail
}

/** P(T < t) of Student's distribution with whole degrees of freedom (Abramowitz and Stegun 26.7.3, 26.7.4). */
export function studentBelow(t: number, freedom: number): number {
  const theta = Math.atan(t / Math.sqrt(freedom))
  const cosine = Math.cos(theta)
  const odd = freedom % 2 === 1
  let term = odd ? cosine : 1
  let sum = freedom === 1 ? 0 : term
  for (let n = odd ? 3 : 2; n <= freedom - 2; n += 2) {
    term *= (cosine * cosine * (n - 1)) / n
    sum += term
  }
  const within = odd
    ? (2 / Math.PI) * (theta + Math.sin(theta) * (freedom === 1 ? 0 : sum))
    : Math.sin(theta) * sum
  return 0.5 + within / 2
}

/** t with P(T < t) = share, by bisection. @param share in (0, 1). */
export function studentQuantile(share: number, freedom: number): number {
  let low = -1e4
  let high = 1e4
  for (let n = 0; n < 100; n += 1) {
    const middle = (low + high) / 2
    if (studentBelow(middle, freedom) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/**
 * Pages of the identity provider. Everything that comes from outside is escaped.
 * @module
 */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => entities[one] ?? '')

const page = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escaped(title)}</title></head>
<body>
<h1>${escaped(title)}</h1>
${content}
</body>
</html>
`

/** The form. @param username as typed before. @param error shown above it. */
export const loginForm = (username = '', error?: string): string =>
  page(
    'Log in',
    `${error === undefined ? '' : `<p role="alert">${escaped(error)}</p>\n`}<form method="post">
<label>User name <input name="username" value="${escaped(username)}" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button type="submit">Log in</button>
</form>`,
  )

/** A page with one sentence. */
export const problemPage = (text: string): string => page('Something went wrong', `<p>${escaped(text)}</p>`)

/**
 * Pages of Access. Everything that comes from outside is escaped here.
 * @module
 */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for HTML, in elements and quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (one) => entities[one] ?? '')

/** JSON for a script element: nothing in it can end the element. */
const scriptJson = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')

const page = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body>
<h1>${escapeHtml(title)}</h1>
${content}
</body>
</html>
`

const paragraph = (text: string): string => `<p>${escapeHtml(text)}</p>`

/** What a refusal says. */
export interface Forbidden {
  message: string
  status: number
  aud: string
  ray: string
}

/** The page of a refusal, with what it says as JSON. */
export const forbiddenPage = ({ message, status, aud, ray }: Forbidden): string =>
  page(
    status === 401 ? 'Unauthorized' : 'Forbidden',
    `${paragraph(message)}
<p>Ray ID: <code>${escapeHtml(ray)}</code></p>
<script type="application/json" id="error">${scriptJson({ message, status_code: status, aud, ray_id: ray })}</script>`,
  )

/** A page with one sentence. */
export const messagePage = (title: string, message: string): string => page(title, paragraph(message))

/** The choice between identity providers. */
export const loginPage = (application: string, choices: readonly { name: string; url: string }[]): string =>
  page(
    'Sign in',
    `${paragraph(`Choose how to sign in to ${application}.`)}
<ul>
${choices.map(({ name, url }) => `<li><a href="${escapeHtml(url)}">${escapeHtml(name)}</a></li>`).join('\n')}
</ul>`,
  )

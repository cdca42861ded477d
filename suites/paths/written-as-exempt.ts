/**
 * A protected path written so that it looks like what is often exempt: a static file, a script, a folder of public files; as data.
 * @module
 */
import type { Variant } from './closed.ts'
import { each, type Row } from './row.ts'

const withQueries = (path: string, ...queries: string[]): Variant[] =>
  queries.map((query) => ({ path, query }))

/** Folders of public files, as frameworks and manuals call them. */
const folders: readonly string[] = ['static', 'assets', 'media', 'files', 'public', 'images']

/** Every one. */
export const writtenAsExempt: readonly Row[] = [
  {
    id: 'static-names',
    title: 'a protected path that ends like the name of a static file is closed too',
    severity: 'critical',
    grounds: [
      'nginx: $request_uri is the target as sent, with its query; a location by regular expression goes before a prefix',
      'httpd: LocationMatch sections are merged behind Location, the later one wins',
      'catalogue PTH-01, PTH-13',
    ],
    killedBy: [
      'edge.open-static-suffix',
      'edge.open-static-query',
      'edge.open-suffix',
      'edge.open-below',
      'edge.open-path-parameter',
      'edge.open-path',
    ],
    why: 'Pictures and style sheets are let through by their extension. Applications that route by the beginning of a path, cut off an extension, or never look at the query answer the same under such a name.',
    sends:
      'The protected paths with .png, .css, .js, /x.png, /x.css, /x.js and ;.css behind them, and with a query that ends in .png, .css and .js.',
    connections: 26,
    variants: (path) => [
      ...each(...['.png', '.css', '.js', '/x.png', '/x.css', '/x.js', ';.css'].map((end) => `${path}${end}`)),
      ...withQueries(path, 'v=.png', 'v=.css', 'v=.js'),
    ],
  },
  {
    id: 'script-names',
    title: 'a protected path behind the name of a script is closed too',
    severity: 'critical',
    grounds: ['RFC 3875 §4.1.5 (PATH_INFO)', 'nginx: rewrite … last looks for a location anew'],
    killedBy: ['edge.open-scripts', 'edge.open-below'],
    why: 'Where everything is rewritten to one script, the rule often stands in the location before it. Whoever names the script comes in behind the rule, and the application takes what follows for the path.',
    sends:
      'The protected paths behind /index.php, /app.php, /app_dev.php and /index.cgi, and with /index.php behind them.',
    variants: (path) =>
      each(
        ...['index.php', 'app.php', 'app_dev.php', 'index.cgi'].map((script) => `/${script}${path}`),
        `${path}/index.php`,
      ),
  },
  {
    id: 'static-folders',
    title: 'a folder of public files does not lead up to a protected path',
    severity: 'critical',
    grounds: [
      'nginx alias: a location without a slash at its end matches /static.., the alias with one makes ../ of it',
      'RFC 3986 §5.2.4',
      'catalogue PTH-03, PTH-13',
    ],
    killedBy: [
      'edge.open-above-folders',
      'edge.open-exempt-prefix',
      'edge.open-path-parameter',
      'edge.rule-misses-dot-segment',
      'edge.rule-misses-encoded-path',
    ],
    why: '`location /static { alias /srv/static/; }` makes /srv/static/../x of /static../x. And a rule that exempts what begins with /static/ exempts /static/../x, which the origin takes for /x.',
    sends: `The protected paths behind ${folders.map((name) => `/${name}..`).join(', ')}, behind /static/.., /public/.., /healthz/.., and behind /static/%2e%2e and /static/..;`,
    connections: 28,
    variants: (path) =>
      each(
        ...folders.map((name) => `/${name}..${path}`),
        ...['static/..', 'public/..', 'healthz/..', 'static/%2e%2e', 'static/..;'].map(
          (up) => `/${up}${path}`,
        ),
      ),
  },
]

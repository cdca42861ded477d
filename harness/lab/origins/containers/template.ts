/**
 * Configuration templates: `{{name}}` is a value, lines between `{{#name}}` and `{{/name}}` (each alone on a line) are
 * kept where the value is set.
 * @module
 */

/** Values by name; undefined or '' is not set. */
export type TemplateValues = Readonly<Record<string, string | undefined>>

/** Fills a template in. @throws Error for a value outside its section that is not known or not set: no server guesses. */
export function fillTemplate(template: string, values: TemplateValues): string {
  const lookUp = (name: string): string | undefined => {
    if (!Object.hasOwn(values, name)) throw new Error(`the template names "${name}", which is no value`)
    return values[name]
  }
  const isSet = (name: string): boolean => (lookUp(name) ?? '') !== ''
  const open: string[] = []
  const kept = template.split('\n').filter((line) => {
    const [, kind, name = ''] = /^\{\{([#/])([a-zA-Z]+)\}\}$/.exec(line) ?? []
    if (kind === '#') open.push(name)
    if (kind === '/' && open.pop() !== name)
      throw new Error(`the template closes "${name}", which is not open`)
    return kind === undefined && open.every(isSet)
  })
  if (open.length > 0) throw new Error(`the template does not close "${open.join('", "')}"`)
  return kept.join('\n').replace(/\{\{([a-zA-Z]+)\}\}/g, (_, name: string) => {
    const value = lookUp(name)
    if (value === undefined) throw new Error(`the template uses "${name}", which is not set`)
    return value
  })
}

/** `/api/docs`: the OpenAPI document as one page that runs and loads nothing. */
import { createHash } from 'node:crypto'
import type { OpenApi, Operation, Parameter, Schema } from '../../shared/contract/openapi.ts'
import { schemaText } from './schema-text.ts'

const style = `:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem 1.5rem 4rem}
h2{margin-top:3rem;border-bottom:1px solid GrayText}
h3{margin:2rem 0 0;font-size:1rem}
p{margin:.25rem 0}
code,pre{font-family:ui-monospace,monospace;font-size:.9em}
pre{white-space:pre-wrap;overflow-wrap:anywhere;padding:.75rem;border:1px solid GrayText;border-radius:4px}
table{border-collapse:collapse;margin:.5rem 0}
th,td{text-align:left;vertical-align:top;padding:.2rem 1rem .2rem 0}
summary{cursor:pointer}
`

/** What the page's policy allows as its style: this very text (CSP level 2). */
export const docsStyleSource = `'sha256-${createHash('sha256').update(style).digest('base64')}'`

export function docsHtml({ info, tags, paths, components }: OpenApi): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ title: `${method.toUpperCase()} ${path}`, operation })),
  )
  const sections = tags.map(({ name }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name))
    return `<h2 id="${text(name)}">${text(name)}</h2>\n${own.map(({ title, operation }) => operationHtml(title, operation)).join('\n')}`
  })
  const contents = tags.map(({ name }) => `<a href="#${text(name)}">${text(name)}</a>`).join(' · ')
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${text(info.title)} API</title><style>${style}</style></head>
<body>
<header><h1>${text(info.title)} API</h1>
<p>${text(info.description)}</p>
<p>Version ${text(info.version)}; for programs: <a href="/api/openapi.json">/api/openapi.json</a>. Try any of it with
<code>npx tollkeeper get /v1/stats/summary</code>.</p>
<nav aria-label="Contents">${contents} · <a href="#errors">errors</a></nav></header>
<main>
${sections.join('\n')}
<h2 id="errors">errors</h2>
<pre>${text(schemaText(components.schemas.Error ?? {}))}</pre>
</main>
</body>
</html>
`
}

function operationHtml(title: string, operation: Operation): string {
  const parts = [
    `<h3 id="${text(operation.operationId)}"><code>${text(title)}</code></h3>`,
    `<p>${text(operation.summary)}.</p>`,
    `<p><small>${text(needsOf(operation))}</small></p>`,
    operation.parameters ? parametersHtml(operation.parameters) : '',
    contentHtml('Body', operation.requestBody?.content),
    contentHtml('Reply', replyOf(operation)),
  ]
  return `<section>${parts.filter((part) => part !== '').join('\n')}</section>`
}

function needsOf(operation: Operation): string {
  const scope = operation['x-tollkeeper-scope']
  const near = operation['x-tollkeeper-loopback-only']
  return [
    scope === 'none' ? 'Needs no key' : `Needs the scope ${scope}`,
    ...(near === true ? ['from this machine only'] : []),
    ...(typeof near === 'string' ? ['from this machine only, unless allow-remote-management is set'] : []),
  ].join('; ')
}

function parametersHtml(parameters: readonly Parameter[]): string {
  const rows = parameters.map(
    ({ name, in: place, required, schema }) =>
      `<tr><td><code>${text(name)}</code></td><td>${place}${required ? ', required' : ''}</td><td><code>${text(schemaText(schema))}</code></td></tr>`,
  )
  return `<table><tr><th>Parameter</th><th>In</th><th>Type</th></tr>${rows.join('')}</table>`
}

function replyOf({ responses }: Operation): Record<string, { schema: Schema }> | undefined {
  const reply = responses['200']
  return reply && 'content' in reply ? reply.content : undefined
}

function contentHtml(title: string, content: Record<string, { schema: Schema }> | undefined): string {
  return Object.entries(content ?? {})
    .map(([type, { schema }]) =>
      type === 'application/json'
        ? `<details><summary>${title}</summary><pre>${text(schemaText(schema))}</pre></details>`
        : `<p>${title}: ${text(type)}</p>`,
    )
    .join('')
}

function text(value: string): string {
  return value.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
}

/** Makes text from outside (models, clients, accounts) harmless where VS Code would read icons or Markdown in it. */

/** For labels that turn `$(name)` into an icon: status bar, quick picks. */
export function plainLabel(text: string): string {
  return text.replace(/\$\([A-Za-z0-9-]+(~[A-Za-z]+)?\)/g, '\\$&')
}

/** For a MarkdownString with theme icons, inside a table cell or a line. */
export function plainMarkdown(text: string): string {
  return plainLabel(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]()#+\-.!|~:@/]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
}

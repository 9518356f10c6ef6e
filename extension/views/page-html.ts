/** The dashboard's page as a webview needs it: our addresses in place of the daemon's, and a policy that lets nothing else in. */

/** `html` is the page as it was built for a browser. */
export function webviewHtml(
  html: string,
  given: { cspSource: string; nonce: string; address(file: string): string },
): string {
  const policy = [
    "default-src 'none'",
    `style-src ${given.cspSource}`,
    `script-src 'nonce-${given.nonce}'`,
    `img-src ${given.cspSource} data:`,
    `font-src ${given.cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return html
    .replace(/<head>/, `<head>\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`)
    .replace(/"\/dashboard\/([\w.-]+)"/g, (_, file: string) => `"${given.address(file)}"`)
    .replaceAll('<script ', `<script nonce="${given.nonce}" `)
}

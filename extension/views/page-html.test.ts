/** The page's policy and addresses inside VS Code. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { webviewHtml } from './page-html.ts'

const html = webviewHtml(readFileSync('media/dashboard/index.html', 'utf8'), {
  cspSource: 'https://src',
  nonce: 'n0nce',
  address: (file) => `https://res/${file}`,
})

describe('the dashboard’s page in a webview', () => {
  it('has a policy that lets in our style, our one script and nothing else', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? ''
    assert.deepEqual(policy.split('; '), [
      "default-src 'none'",
      'style-src https://src',
      "script-src 'nonce-n0nce'",
      'img-src https://src data:',
      'font-src https://src',
      "base-uri 'none'",
      "form-action 'none'",
    ])
  })

  it('has the policy before anything that it governs', () => {
    assert.ok(html.indexOf('Content-Security-Policy') < html.indexOf('<link'))
    assert.ok(html.indexOf('Content-Security-Policy') < html.indexOf('<script'))
  })

  it('loads script and style from the extension', () => {
    assert.match(html, /<script nonce="n0nce" type="module" src="https:\/\/res\/main\.js">/)
    assert.match(html, /href="https:\/\/res\/style\.css"/)
    assert.ok(!html.includes('="/dashboard/'))
  })

  it('has nothing inline', () => {
    assert.ok(!/ style=| on\w+=|<style/.test(html))
    assert.equal(html.match(/<script[^>]*>(?!<\/script>)/), null)
  })
})

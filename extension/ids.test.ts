/** The names in the code and those in the manifest are the same, both ways. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { commandId, dashboardType, meterEighths, meterIcon, runningContext, settingId } from './ids.ts'
import { tooltipCommands } from './tooltip.ts'

type Manifest = {
  activationEvents: string[]
  icon: string
  contributes: {
    commands: { command: string; category: string }[]
    menus: { commandPalette: { command: string; when: string }[] }
    configuration: { properties: Record<string, { scope: string }> }
    icons: Record<string, { default: { fontPath: string; fontCharacter: string } }>
  }
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const { contributes } = manifest
const sorted = (names: readonly string[]) => [...names].sort()

describe('the manifest', () => {
  it('has every command of the code, and no other', () => {
    assert.deepEqual(sorted(contributes.commands.map((one) => one.command)), sorted(Object.values(commandId)))
    for (const one of contributes.commands) assert.equal(one.category, 'Tollkeeper')
  })

  it('hides only commands that exist, by a context that the code sets', () => {
    for (const { command, when } of contributes.menus.commandPalette) {
      assert.ok(Object.values<string>(commandId).includes(command), command)
      assert.equal(when.replace('!', ''), runningContext)
    }
  })

  it('has every setting of the code, and no other', () => {
    assert.deepEqual(sorted(Object.keys(contributes.configuration.properties)), sorted(Object.values(settingId)))
  })

  it('lets no workspace decide what is run', () => {
    for (const [name, { scope }] of Object.entries(contributes.configuration.properties)) {
      assert.equal(scope, name.startsWith('tollkeeper.daemon.') ? 'machine' : 'application', name)
    }
  })

  it('has every ring of the icon font, each once', () => {
    const wanted = [...Array.from({ length: meterEighths + 1 }, (_, n) => meterIcon(n)), meterIcon('off')]
    assert.deepEqual(
      Object.keys(contributes.icons).map((name) => `$(${name})`),
      wanted,
    )
    const characters = Object.values(contributes.icons).map((icon) => icon.default.fontCharacter)
    assert.equal(new Set(characters).size, wanted.length)
    for (const icon of Object.values(contributes.icons)) {
      assert.equal(readFileSync(icon.default.fontPath).subarray(0, 4).toString(), 'wOFF')
    }
  })

  it('activates for a dashboard that VS Code brings back', () => {
    assert.ok(manifest.activationEvents.includes(`onWebviewPanel:${dashboardType}`))
  })

  it('lets the tooltip run commands of ours only', () => {
    for (const id of tooltipCommands) assert.ok(Object.values(commandId).includes(id))
  })
})

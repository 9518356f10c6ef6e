/**
 * OpenAI's models at Azure, as data: each resource has an address of its own, such as https://RESOURCE.openai.azure.com/openai/v1.
 * https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle (2026-11)
 */
import { openai } from './openai.ts'
import type { ProviderKind } from './provider.ts'

const { baseUrl: _, ...kind } = openai

export const azure: ProviderKind = {
  ...kind,
  id: 'azure',
  label: 'Azure',
  keyHeader: 'api-key',
  catalogueId: 'azure',
  requestIdHeader: 'apim-request-id',
}

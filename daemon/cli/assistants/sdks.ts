/** The libraries that programs call providers with: the variables that they read where the program gives no base URL. */
import type { Assistant } from './assistant.ts'

const notes = ['A base URL that the program itself gives wins.']

export const openaiSdk: Assistant = {
  name: 'openai',
  title: 'openai SDK',
  starts: 'named',
  plan: (url) => ({ variables: [{ name: 'OPENAI_BASE_URL', value: `${url}/v1` }], notes }),
}

export const anthropicSdk: Assistant = {
  name: 'anthropic',
  title: 'Anthropic SDK',
  starts: 'named',
  plan: (url) => ({ variables: [{ name: 'ANTHROPIC_BASE_URL', value: url }], notes }),
}

export const genaiSdk: Assistant = {
  name: 'genai',
  title: 'Google Gen AI SDK',
  starts: 'named',
  plan: (url) => ({ variables: [{ name: 'GOOGLE_GEMINI_BASE_URL', value: url }], notes }),
}

export const aiSdk: Assistant = {
  name: 'ai',
  title: 'Vercel AI SDK',
  starts: 'named',
  plan: (url) => ({
    variables: [
      { name: 'OPENAI_BASE_URL', value: `${url}/v1` },
      // unlike Anthropic's own library it wants the version in it
      { name: 'ANTHROPIC_BASE_URL', value: `${url}/v1` },
    ],
    notes: [...notes, `@ai-sdk/google reads no variable: createGoogleGenerativeAI({ baseURL: '${url}/v1beta' }).`],
  }),
}

/** Keys made to be found again: each holds the name of the place that it was put in, so that a find tells where it came in. */

export type Planted = {
  /** Has the form of a provider's key. */
  key(place: string): string
  /** Without any known form: only who was told of it can know. */
  odd(place: string): string
  size(): number
  /** A line for each key that stands in a text: its place, where it was found, and what is around it. */
  foundIn(texts: readonly (readonly [where: string, text: string])[]): string[]
}

/** In small letters, so that it may also stand where an id of a provider does. */
export const markOf = (place: string) => `${place.toLowerCase()}zq9x7kd2lm4np6rs8`

export function openPlanted(): Planted {
  const places = new Set<string>()
  const planted = (place: string, text: string) => {
    places.add(place)
    return text
  }
  return {
    key: (place) => planted(place, `sk-ant-api03-${markOf(place)}`),
    odd: (place) => planted(place, markOf(place)),
    size: () => places.size,
    foundIn: (texts) =>
      texts.flatMap(([where, text]) =>
        [...places]
          .filter((place) => text.includes(markOf(place)))
          .map((place) => `${place} in ${where}: ${around(text, markOf(place))}`),
      ),
  }
}

function around(text: string, part: string): string {
  const at = text.indexOf(part)
  return text.slice(Math.max(0, at - 80), at + 80)
}

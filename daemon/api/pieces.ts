/** An answer in pieces whose making stops as soon as nobody reads it any more. */

/**
 * A generator alone would first finish the step it is in, which may take long: `signal` is told at once. `ended` is called once,
 * however it ends.
 */
export function untilLeft(
  make: (signal: AbortSignal) => AsyncGenerator<string>,
  ended: () => void,
): AsyncIterable<string> {
  const gone = new AbortController()
  let isOver = false
  const end = () => {
    if (!isOver) ended()
    isOver = true
  }
  return {
    [Symbol.asyncIterator]() {
      const pieces = make(gone.signal)
      return {
        async next() {
          const next = await pieces.next().catch((error: unknown) => {
            end()
            throw error
          })
          if (next.done) end()
          return next
        },
        async return() {
          gone.abort()
          end()
          return await pieces.return(undefined)
        },
      }
    },
  }
}

/** A figure that the daemon keeps of itself in memory, as the wiring hands it to whoever shows it. */
export type Gauge = {
  /** As Prometheus wants it: `tollkeeper_`, then what and in which unit; a counter ends in `_total`. */
  name: string
  /** A sentence that says what it is. */
  help: string
  value: number
  labels?: Readonly<Record<string, string>>
  /** It only ever grows while the daemon runs. */
  counts?: true
}

/** THE table of all REST endpoints: handlers, the typed client and the types of both follow from it. */
import { alertsRows } from './alerts.ts'
import { allowanceRows } from './allowance.ts'
import { authRows } from './auth.ts'
import { budgetsRows } from './budgets.ts'
import { chainRows } from './chains.ts'
import { configRows } from './config.ts'
import { core } from './core.ts'
import { costRows } from './cost.ts'
import { docs } from './docs.ts'
import { healthRows } from './health.ts'
import { historyRows } from './history.ts'
import { importRows } from './import.ts'
import { management } from './management.ts'
import { metricsRows } from './metrics.ts'
import { pages } from './pages.ts'
import { pricesRows } from './prices.ts'
import { stats } from './stats.ts'

export const endpoints = {
  ...healthRows,
  ...core,
  ...historyRows,
  ...importRows,
  ...configRows,
  ...chainRows,
  ...budgetsRows,
  ...alertsRows,
  ...authRows,
  ...costRows,
  ...allowanceRows,
  ...pricesRows,
  ...stats,
  ...management,
  ...metricsRows,
  ...docs,
  ...pages,
} as const
export type Endpoints = typeof endpoints
export type EndpointName = keyof Endpoints

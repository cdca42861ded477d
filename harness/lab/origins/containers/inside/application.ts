/**
 * The application behind a server in a container: the lab's canary and its readings of sensors, on 127.0.0.1. The same
 * source as the embedded origin, so the same answers. Runs on the Node of Debian (18 or later), types taken off.
 * @module
 */
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import process from 'node:process'
import { answerJson } from '../../answers.ts'
import { answerCanary, queryOf } from '../../canary.ts'
import { createTemperatures } from '../../temperatures.ts'
import { toldVerdict } from './verdict.ts'

const canaryPath = '/__harness/echo'
const remembered = 10_000
const { LAB_SERVER = '', LAB_APPLICATION_PORT = '' } = process.env

const perHost = new Map<string, number>()
const perMarker = new Map<string, number>()

function increment(counts: Map<string, number>, key: string): number {
  if (counts.size >= remembered) counts.clear()
  const next = (counts.get(key) ?? 0) + 1
  counts.set(key, next)
  return next
}

const answerTemperatures = createTemperatures()
const server = createServer({ keepAliveTimeout: 75_000, maxHeaderSize: 256 * 1024 }, (request, response) => {
  request.on('error', () => {})
  response.on('error', () => {})
  const name = (request.headers.host ?? '').toLowerCase().replace(/\.?(:\d+)?$/, '')
  const count = increment(perHost, name)
  const marker = queryOf(request).get('marker')
  const marked = marker === null ? undefined : increment(perMarker, `${name} ${marker}`)
  const path = (request.url ?? '').split('?', 1)[0]
  if (path === '/temps') {
    answerTemperatures(request, response)
    return
  }
  request.resume().once('end', () => {
    const clientCertificate = toldVerdict(LAB_SERVER, request.headers)
    if (path === canaryPath) answerCanary(request, response, { count, marked, clientCertificate })
    else answerJson(response, 404, { error: 'not found' })
  })
})
server.listen(Number(LAB_APPLICATION_PORT), '127.0.0.1', () => {
  // start.sh waits for it.
  writeFileSync('/lab/run/application', '')
})

/**
 * The application of the lab: readings of sensors out and in, at `/temps`.
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerJson } from './answers.ts'

/** One reading. */
interface Reading {
  id?: string
  sensor: string
  celsius: number
}

const longest = 64 * 1024
const kept = 100

/** Answers requests to `/temps`, and remembers the last readings. Reads the body to its end first. */
export function createTemperatures(): (request: IncomingMessage, response: ServerResponse) => void {
  const readings: Reading[] = [{ sensor: 'sensor-001', celsius: 21.5 }]
  let count = 0
  return (request, response) => {
    const { method } = request
    const isJson = /^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')
    if (method !== 'POST' || !isJson) {
      request.resume().once('end', () => {
        if (method === 'GET' || method === 'HEAD') answerJson(response, 200, readings)
        else if (method === 'POST') answerJson(response, 201, { stored: true })
        else answerJson(response, 405, { error: 'method not allowed' })
      })
      return
    }
    readBody(request, (body) => {
      if (body === undefined) {
        answerJson(response, 413, { error: `a reading has ${longest} bytes at most` })
        return
      }
      const reading = readReading(body)
      if (typeof reading === 'string') {
        answerJson(response, 400, { error: reading })
        return
      }
      count += 1
      const stored = { id: `reading-${count}`, ...reading }
      readings.push(stored)
      if (readings.length > kept) readings.shift()
      answerJson(response, 201, stored)
    })
  }
}

/** The body; undefined where it is too long, which is read all the same. */
function readBody(request: IncomingMessage, done: (body: Buffer | undefined) => void): void {
  const chunks: Buffer[] = []
  let length = 0
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length <= longest) chunks.push(chunk)
  })
  request.once('end', () => done(length <= longest ? Buffer.concat(chunks) : undefined))
}

/** A sentence where it is none. */
function readReading(body: Buffer): Reading | string {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    return 'the body is not JSON'
  }
  const { sensor, celsius } = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >
  if (typeof sensor !== 'string' || sensor === '' || sensor.length > 100)
    return 'sensor has to be a text of 1 to 100 characters'
  if (typeof celsius !== 'number' || !Number.isFinite(celsius)) return 'celsius has to be a number'
  return { sensor, celsius }
}

/**
 * One at a time, among all processes of this machine.
 * @module
 */
import { createServer, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const pollEvery = 200

/**
 * Does the work while nobody else holds the name. The lock is a socket in Linux' abstract namespace, which goes with its
 * process in whatever way that ends. Elsewhere there is none, and work may be done twice.
 */
export async function oneAtATime<T>(name: string, work: () => Promise<T>): Promise<T> {
  const held = process.platform === 'linux' ? await take(`\0harness-lab ${name}`) : undefined
  try {
    return await work()
  } finally {
    held?.close()
  }
}

async function take(address: string): Promise<Server> {
  for (;;) {
    const server = createServer((socket) => socket.destroy())
    const taken = await new Promise<boolean>((resolve, reject) => {
      server.once('listening', () => resolve(true))
      server.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
      )
      server.listen(address)
    })
    if (taken) return server.unref()
    await sleep(pollEvery)
  }
}

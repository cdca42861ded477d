/**
 * Origins on real servers, each in a container of its own and reached on 127.0.0.1 only.
 * @module
 */
import type { OriginServerCertificates } from '../material.ts'
import type { serverCertificateNames } from '../settings.ts'

/** The servers. `alb` is dressed as an AWS Application Load Balancer with a target behind it. */
export const containerNames = ['nginx', 'httpd', 'haproxy', 'caddy', 'alb'] as const

/** One of the servers. */
export type ContainerName = (typeof containerNames)[number]

/**
 * How client certificates are treated. The four web servers have the first three: a missing one is let through with
 * `optional`, a bad one is not. `alb` has `off`, `passthrough` (nothing is verified, the target is told everything) and
 * `verify` (against the trust store).
 */
export const clientCertificateModes = ['off', 'optional', 'required', 'passthrough', 'verify'] as const

/** One of the modes. */
export type ClientCertificateMode = (typeof clientCertificateModes)[number]

/** What an operator can change while the server runs. */
export interface ContainerSettings {
  clientCertificates: ClientCertificateMode
  /** PEM of the CAs that client certificates are verified against. Needed by every mode that verifies. */
  trust: string
  /**
   * RFC 4514 subject of the one client that is let in where every one needs a good certificate (`required`, `verify`), of all
   * that the CAs vouch for; '': all of them. At `alb` the target compares it.
   */
  onlySubject: string
  /**
   * PEM of revocation lists; '' for none. With one, every CA in the chain of a client needs one (OpenSSL's
   * `X509_V_FLAG_CRL_CHECK_ALL`). Caddy has no revocation lists.
   */
  crl: string
  serverCertificate: (typeof serverCertificateNames)[number]
  maxVersion: 'TLSv1.2' | 'TLSv1.3'
  /** Whether plain HTTP is served beside TLS; at `alb`: whether the target is reached around the load balancer. */
  plainPort: 'open' | 'closed'
  /**
   * The one name for which client certificates are asked for as `clientCertificates` says; everybody is served under any
   * other. '': all names alike. A load balancer has one setting for all names of a listener.
   */
  onlyFor: string
  /** `alb` only: whether the server behind the load balancer runs, and whether the target group has it. */
  target: 'up' | 'down' | 'unregistered'
}

/** Use of the machine since the container started. */
export interface CgroupReading {
  /** CPU time, user and system, microseconds. */
  cpuUsec: number
  /** Memory in use without the part of the page cache that can be dropped, bytes. */
  memoryBytes: number
}

/** One running origin. */
export interface ContainerOrigin {
  name: ContainerName
  /** Name and version of the server as its package has it, such as `nginx 1.22.1`. */
  server: string
  host: '127.0.0.1'
  /** Plain HTTP; nobody answers there while `plainPort` is `closed`. */
  port: number
  tlsPort: number
  /** Of the first process of the container on this machine, for other readers of its control group. */
  pid: number
  readonly settings: ContainerSettings
  /**
   * Changes the settings by the server's own reload: the listener stays, connections that are there finish. Resolves when
   * no process with the settings before takes new connections.
   * @throws HarnessError ERR_USAGE for settings this server does not have or cannot read: nothing has changed then.
   */
  configure(change: Partial<ContainerSettings>): Promise<void>
  /** @throws HarnessError ERR_PLATFORM where the container's processes are not on this machine's kernel. */
  cgroup(): CgroupReading
  /** What the server said, newest last, at most 64 KiB. */
  logs(): Promise<string>
  /** Removes the container. Safe to call twice. */
  close(): Promise<void>
}

/** What is started. */
export interface ContainerOriginsOptions {
  /** Default: all. */
  names?: readonly ContainerName[]
  /** The server certificates. */
  material: { origin: OriginServerCertificates }
  /** Beside the defaults. */
  settings?: Partial<Record<ContainerName, Partial<ContainerSettings>>>
  /** Aborting ends the start, and removes everything. */
  signal?: AbortSignal
  /** A sentence for people, such as `building nginx`. */
  onProgress?: (line: string) => void
  /**
   * `published`: a network of its own, its ports published on 127.0.0.1. `host`: the host's network, on 127.0.0.1; for
   * measurements that the port forwarder would distort, Linux only. Default `published`.
   */
  network?: 'published' | 'host'
}

/** All that were started. */
export interface ContainerOrigins {
  /** Value of the label `harness.lab` of everything this run made. */
  runId: string
  origins: readonly ContainerOrigin[]
  /** Removes everything this run started; images stay. Safe to call twice. */
  close(): Promise<void>
}

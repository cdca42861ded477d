/**
 * IP literals: an address, a network, a range.
 * @module
 */
import { BlockList, isIP } from 'node:net'

/** Whether an address is in a set. */
export type AddressTest = (address: string) => boolean

/** A set of addresses, to be filled and then asked. */
export class AddressSet {
  readonly #list = new BlockList()

  /** @returns what is wrong with the literal; undefined: it was added. */
  add(from: string, to?: string): string | undefined {
    const [address = '', bits, ...more] = from.split('/')
    const family = isIP(address)
    if (family === 0 || more.length > 0) return `${shown(from)} is not an IP address or network`
    const name = family === 4 ? 'ipv4' : 'ipv6'
    if (to !== undefined)
      return bits === undefined ? this.#range(address, to, name) : 'a range ends in addresses'
    if (bits === undefined) this.#list.addAddress(address, name)
    else if (Number(bits) > (family === 4 ? 32 : 128)) return `/${bits.slice(0, 8)} is too long a prefix`
    else this.#list.addSubnet(address, Number(bits), name)
    return undefined
  }

  #range(from: string, to: string, family: 'ipv4' | 'ipv6'): string | undefined {
    if (isIP(to) !== (family === 'ipv4' ? 4 : 6)) return `${shown(to)} is not an address of the same family`
    try {
      this.#list.addRange(from, to, family)
      return undefined
    } catch {
      // Node refuses a start behind the end.
      return 'the range ends before it begins'
    }
  }

  /** Whether an address is in it. What is no address is in no set. */
  has(address: string): boolean {
    const family = isIP(address)
    return family !== 0 && this.#list.check(address, family === 4 ? 'ipv4' : 'ipv6')
  }
}

const shown = (text: string): string => `"${text.slice(0, 45)}"`

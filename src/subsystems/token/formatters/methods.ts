/**
 * Names of the methods that do not come from authentication plugins and so cannot stand in `[auth] methods`. Later
 * releases give them bits of their own, far above the others.
 */
const FIXED_BITS: readonly MethodBit[] = [
  ['ec2credential', 2 ** 32],
  ['oauth2_credential', 2 ** 33],
];

type MethodBit = readonly [method: string, bit: number];

/**
 * The authentication methods of a token as one integer: each method of `[auth] methods` has the bit of its place.
 * Changing the order of that option changes the meaning of tokens already issued.
 */
export class MethodBits {
  readonly #written: readonly MethodBit[];
  /** The highest bit first. */
  readonly #read: readonly MethodBit[];

  /**
   * @param configured `[auth] methods`, in order
   * @param options.writeFixed write `ec2credential` and its like, too, which Newton does not
   */
  constructor(configured: readonly string[], options: { readonly writeFixed?: boolean } = {}) {
    const placed = configured.map((method, place): MethodBit => [method, 2 ** place]);
    const all = [...placed, ...FIXED_BITS];
    this.#written = options.writeFixed === true ? all : placed;
    this.#read = all.sort(([, left], [, right]) => right - left);
  }

  /** Unknown methods count nothing; a method given twice counts twice, as in Keystone. */
  toInteger(methods: readonly string[]): number {
    let sum = 0;
    for (const method of methods) {
      for (const [name, bit] of this.#written) if (name === method) sum += bit;
    }
    return sum;
  }

  /** The methods, the highest bit first. A bit without a method hides those below it, as in Keystone. */
  toMethods(integer: number): string[] {
    const methods: string[] = [];
    let rest = integer;
    for (const [method, bit] of this.#read) {
      if (Math.floor(rest / bit) === 1) {
        methods.push(method);
        rest -= bit;
      }
    }
    return methods;
  }
}

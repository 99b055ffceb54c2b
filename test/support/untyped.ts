// Calls that the types forbid, as JavaScript can make them.

/** Constructs with any arguments. */
export function constructWith(
  target: abstract new (...args: never[]) => unknown,
  ...args: unknown[]
): unknown {
  const result: unknown = Reflect.construct(target, args);
  return result;
}

/** Calls a method with any arguments. */
export function callWith(object: object, method: string, ...args: unknown[]): unknown {
  const found: unknown = Reflect.get(object, method);
  if (typeof found !== 'function') throw new Error(`there is no method ${method}`);
  const result: unknown = Reflect.apply(found, object, args);
  return result;
}

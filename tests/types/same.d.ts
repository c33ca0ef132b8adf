/** Whether two types are identical. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** The names of the optional fields. */
export type Optional<T> = { [K in keyof T]-?: {} extends Pick<T, K> ? K : never }[keyof T];

/** Compiles when the type argument is `true`. */
export function is<T extends true>(): T;

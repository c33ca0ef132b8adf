export const decode = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** The bytes of usage.wasm from a JavaScript module, which loads when they are needed. */
export async function inlined() {
  const { default: base64 } = await import("./usage.wasm.js");
  return decode(base64);
}

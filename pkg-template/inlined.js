/** The bytes of usage.wasm out of a module of JavaScript, which loads when they are asked for. */
export async function inlined() {
  const { default: base64 } = await import("./usage.wasm.js");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

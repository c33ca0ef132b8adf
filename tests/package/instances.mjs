/** The WebAssembly instances that are made from now on: the package shows neither its instance nor its memory. */
export const instances = [];

const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...args) {
    super(...args);
    instances.push(this);
  }
};

/** The memories of all of them, under whatever names they are exported. */
export const memories = () =>
  instances.flatMap(({ exports }) => Object.values(exports)).filter((it) => it instanceof WebAssembly.Memory);

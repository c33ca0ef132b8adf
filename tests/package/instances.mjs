/** The WebAssembly instances that are made from now on. The package exports neither its instance nor its memory. */
export const instances = [];

const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...args) {
    super(...args);
    instances.push(this);
  }
};

/** The memories of all instances. */
export const memories = () =>
  instances.flatMap(({ exports }) => Object.values(exports)).filter((value) => value instanceof WebAssembly.Memory);

import { createGateway } from "./gateway.js";

const { handler, UsageStore } = createGateway();

export { handler as default, UsageStore };

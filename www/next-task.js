/** Lets the page respond between two steps that take long. */
export const nextTask = () => new Promise((resolve) => setTimeout(resolve));

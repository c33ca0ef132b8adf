export default ({ page, host }) => page("no bundler", host, { takesWasm: true });

//! `bindgen WASM FOLDER`: writes a module's glue, `usage.js`, and the module that the glue loads, `usage_bg.wasm`.

use std::env;

use anyhow::{Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let args: Vec<_> = env::args_os().collect();
    let [_, wasm, folder] = &args[..] else { bail!("usage: bindgen WASM FOLDER") };
    // Each entry of pkg-template/ finds the .wasm in its runtime's own way, so the glue has no default path.
    Bindgen::new().input_path(wasm).out_name("usage").web(true)?.omit_default_module_path(true).generate(folder)
}

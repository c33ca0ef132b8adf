//! The `wasm-bindgen-test-runner` command: Cargo's runner for the tests that are compiled to wasm.

fn main() -> anyhow::Result<()> {
    env_logger::init();
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())?;
    Ok(())
}

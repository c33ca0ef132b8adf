//! What the npm package's module brings along in place of std, whose panics have words that nobody would hear there.

use core::panic::PanicInfo;

use rlsf::SmallGlobalTlsf;

/// dlmalloc, std's own, was rejected: it is 4 KB larger.
#[global_allocator]
static ALLOCATOR: SmallGlobalTlsf = SmallGlobalTlsf::new();

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

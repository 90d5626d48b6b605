//! The gateway of the mobile client, as a program.

/// Faster than the system's for what servers do: many small things, all at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    bff_kit::run(bff_mobile::GATEWAY)
}

//! The gateway of the desktop client, as a program.

fn main() -> anyhow::Result<()> {
    bff_kit::run(bff_desktop::GATEWAY)
}

//! The gateway of the mobile client, as a program.

fn main() -> anyhow::Result<()> {
    bff_kit::run(bff_mobile::GATEWAY)
}

//! The gateway of the web client, as a program.

fn main() -> anyhow::Result<()> {
    bff_kit::run(bff_web::GATEWAY)
}

//! The core of the cluster: the business of the bookshop, its data, and the commands that keep them.

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    core_service::cli::run().await
}

//! Every method that writes tells what it wrote.

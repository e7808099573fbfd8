"""One trained model: generators and blend, asked for candidates."""

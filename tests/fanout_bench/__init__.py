"""What it costs a server to deliver a message to many: ours, what others do, and what the kernel takes."""

"""Foreign systems, in and out: what they answer becomes values of ours, and what we ask goes through a transport."""

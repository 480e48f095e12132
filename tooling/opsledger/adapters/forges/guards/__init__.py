"""What a forge enforces on the protected branch, as it says itself; one module a forge."""

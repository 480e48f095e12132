"""Changes to a ledger's files, planned first and then written whole or not at all."""

"""Forms of an answer: text for eyes, JSON lines, SARIF, tables and CSV; every character of a record is escaped here."""

"""The command line: options in, one call, output and an exit code; click lives here alone."""

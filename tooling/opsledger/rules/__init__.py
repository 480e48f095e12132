"""The domain's judgements: each rule is one function, and its docstring is its page."""

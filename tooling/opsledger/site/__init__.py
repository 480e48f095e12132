"""The site that an auditor opens; jinja2, mkdocs and markdown-it live here and load only when it is built."""

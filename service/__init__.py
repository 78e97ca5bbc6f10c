"""The assistant and its doors: command line, HTTP, pages."""

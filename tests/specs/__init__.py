"""The laws, each a property over generated traffic and over the sandbox."""

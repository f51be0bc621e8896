"""The store as its users meet it: a folder, a bucket over HTTP, and what goes wrong with both."""

"""What follows from recorded pages and objects, and what is missing where it does not."""

"""The core, module by module: what a caller would see."""

"""Compression that remembers nothing, as bytes, and by servers on each engine that were told to compress."""

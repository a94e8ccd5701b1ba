"""Many connections at once, and what they may cost: proofs, run by `make prove` on a machine that does nothing else."""

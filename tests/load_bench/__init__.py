"""What a delivery costs the load generator, against the usual recipe and against the floor; part of `make bench`."""

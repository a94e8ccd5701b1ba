"""Bad input over raw sockets: on every transport and engine it gets its answer, and the server is as it was before."""

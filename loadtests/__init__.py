"""The instrument: drives any server over the wire and records what it sees. It never imports the servers."""

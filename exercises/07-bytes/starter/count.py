"""What crosses at three layers. As it stands, it believes that the network carries what Ben reads."""

import json
import sys

for line in sys.stdin:
    talk = json.loads(line)
    read = "".join(one.get("writes") or one["frame"] for one in talk["said"] if one["who"] == "server")
    print(json.dumps({"payload": len(talk["text"]), "socket": len(read), "ip": len(read)}))

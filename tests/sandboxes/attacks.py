"""What a hostile command may do instead of ending; each runs until its deadline."""

FORKER = "import os\\nwhile True:\\n    try:\\n        if os.fork(): os._exit(0)\\n    except OSError: pass"
SPINNER = "import os\\nwhile True:\\n    try:\\n        os.fork(); os.setsid()\\n    except OSError: pass"

ENDLESS = {
    "ignores signals": "trap '' TERM INT HUP; setsid sleep 1000 & (sleep 1000 &) ; while :; do sleep 1; done",
    "setsid, double fork, empty environment": "(setsid env -i sh -c 'sleep 1000 & sleep 1000' &) ; sleep 1000",
    "closed pipes": "exec 0<&- 1>&- 2>&-; while :; do sleep 1; done",
    "flood": "yes 0123456789",
    "reads stdin, then waits": "cat; sleep 1000",
    "re-forks itself for ever": f"python3 -c \"$(printf '{FORKER}')\"; sleep 1000",
    "fork bomb": "bomb() { bomb | bomb & }; bomb; sleep 1000",
    "spinning forkers": f"python3 -c \"$(printf '{SPINNER}')\"",
    "stops its parent": "kill -STOP $PPID; kill -STOP 1; sleep 1000",
    "spawns many": "for i in $(seq 100); do setsid sleep 1000 & done; sleep 1000",
}

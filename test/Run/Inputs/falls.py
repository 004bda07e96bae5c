"""The loss in a training log falls to less than half of what it starts with."""
import json
import sys

losses = [json.loads(line)["loss"] for line in open(sys.argv[1])]
if not (len(losses) >= 2 and losses[-1] < 0.5 * losses[0]):
    sys.exit(f"the loss does not fall: {losses}")

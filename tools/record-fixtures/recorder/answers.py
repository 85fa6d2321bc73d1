"""How the check_*.py scripts answer: one line of JSON, and 0, 1 or 2 for equal, unequal, not comparable."""

import json


def answer(compare, options):
    try:
        result = compare(options)
    except (OSError, KeyError, ValueError, RuntimeError) as problem:
        print(json.dumps({"equal": False, "problem": f"{type(problem).__name__}: {problem}"}))
        return 2
    print(json.dumps(result))
    return 0 if result["equal"] else 1

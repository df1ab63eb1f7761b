"""`python -m host`: the stories; the last line is their sum."""

import sys
import unittest

from . import stories

suite = unittest.defaultTestLoader.loadTestsFromModule(stories)
if len(sys.argv) > 1:
    suite = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[1:], stories)
result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout).run(suite)
bad = len(result.failures) + len(result.errors)
print(f"host: {result.testsRun - bad} passed, {bad} failed")
sys.exit(bad > 0)

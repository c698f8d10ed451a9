"""Small archives, made as for the tests of questions: from each module's ``play``, or a test's own."""

from tests.queries.conftest import home, own, pytest_generate_tests

__all__ = ["home", "own", "pytest_generate_tests"]

"""Programs for maintainers of this repository; not part of the distribution."""
